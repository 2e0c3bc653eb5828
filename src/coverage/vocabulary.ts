/**
 * Formats of files and services by what a machine can do with them: short name, made to an open specification,
 * structured so that a program reads its values. After the European file type list and its lists of non-proprietary
 * and machine-readable formats; names as `catalog.dataset.format` has them.
 */
const formats: readonly (readonly [names: string, open: boolean, machine: boolean])[] = [
  ['CSV TSV TXT JSON JSONL NDJSON XML GEOJSON GML GPX KML KMZ TOPOJSON WKT YAML', true, true],
  ['RDF TTL TURTLE JSON-LD JSONLD RDFXML N3 NT NQ TRIG SPARQL OWL SKOS', true, true],
  ['ODS FODS PARQUET AVRO ARROW ORC HDF HDF5 NETCDF GRIB GPKG GEOPACKAGE SQLITE DBF SHP', true, true],
  ['API REST GRAPHQL ODATA OGC OPENAPI SOAP WFS WCS WMS WMTS CSW SOS ATOM RSS ICS GTFS SDMX', true, true],
  ['PX PC-AXIS ARC PCAP MBTILES LAS LAZ COG GEOTIFF DXF IFC CITYGML', true, true],
  ['DATABASE', true, true],
  ['HTML XHTML PDF PDFA EPUB ODT ODP FODT OFD MARKDOWN MD TEX', true, false],
  [
    'PNG SVG JPEG JPG TIFF TIF GIF WEBP JP2 MP3 OGG FLAC WAV MP4 WEBM MPEG ZIP TAR GZIP GZ BZ2 XZ',
    true,
    false,
  ],
  ['XLSX XLS XLSB XLSM MDB ACCDB SAV SAS DTA DWG DGN E00 GDB FGDB', false, true],
  ['DOCX DOC PPTX PPT RTF WPS ET DPS PSD CDR RAR 7Z MXD', false, false],
]

const namesOf = (fits: (open: boolean, machine: boolean) => boolean): string[] =>
  formats.filter(([, open, machine]) => fits(open, machine)).flatMap(([names]) => names.split(' '))

export const knownFormats = namesOf(() => true)
export const openFormats = namesOf((open) => open)
export const machineFormats = namesOf((_open, machine) => machine)
