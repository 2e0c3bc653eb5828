/** Licences that CKAN portals name by a short id (Open Definition), with their addresses. */
interface License {
  id: string
  title: string
  url: string
  open: boolean
}

const row = (id: string, title: string, url: string, open: boolean): License => ({ id, title, url, open })

export const licenses: readonly License[] = [
  row('notspecified', 'License not specified', '', false),
  row(
    'odc-pddl',
    'Open Data Commons Public Domain Dedication and License (PDDL)',
    'http://www.opendefinition.org/licenses/odc-pddl',
    true,
  ),
  row(
    'odc-odbl',
    'Open Data Commons Open Database License (ODbL)',
    'http://www.opendefinition.org/licenses/odc-odbl',
    true,
  ),
  row(
    'odc-by',
    'Open Data Commons Attribution License',
    'http://www.opendefinition.org/licenses/odc-by',
    true,
  ),
  row('cc-zero', 'Creative Commons CCZero', 'http://www.opendefinition.org/licenses/cc-zero', true),
  row('cc-by', 'Creative Commons Attribution', 'http://www.opendefinition.org/licenses/cc-by', true),
  row(
    'cc-by-sa',
    'Creative Commons Attribution Share-Alike',
    'http://www.opendefinition.org/licenses/cc-by-sa',
    true,
  ),
  row('gfdl', 'GNU Free Documentation License', 'http://www.opendefinition.org/licenses/gfdl', true),
  row('other-open', 'Other (Open)', '', true),
  row('other-pd', 'Other (Public Domain)', '', true),
  row('other-at', 'Other (Attribution)', '', true),
  row(
    'uk-ogl',
    'UK Open Government Licence (OGL)',
    'http://reference.data.gov.uk/id/open-government-licence',
    true,
  ),
  row(
    'cc-nc',
    'Creative Commons Non-Commercial (Any)',
    'http://creativecommons.org/licenses/by-nc/2.0/',
    false,
  ),
  row('other-nc', 'Other (Non-Commercial)', '', false),
  row('other-closed', 'Other (Not Open)', '', false),
]

const byId = new Map(licenses.map((l) => [l.id, l]))
const byText = new Map(licenses.flatMap((l) => [l.id, l.title, ...(l.url ? [l.url] : [])].map((t) => [t, l])))

/** What the catalogue keeps of a licence, as CKAN shows it. */
export function licenseFields(kept: string | null | undefined) {
  if (!kept) return { license_id: null, license_title: null, license_url: null, isopen: false }
  const known = byText.get(kept)
  if (known)
    return {
      license_id: known.id,
      license_title: known.title,
      license_url: known.url || null,
      isopen: known.open,
    }
  const url = /^https?:\/\//.test(kept) ? kept : null
  return { license_id: kept, license_title: kept, license_url: url, isopen: false }
}

/** What the catalogue keeps for a licence id: an address where there is one, because it says the same everywhere. */
export const keptLicense = (id: string): string => byId.get(id)?.url || id

/** The texts that the catalogue may keep for a licence id. */
export function keptForms(id: string): string[] {
  const known = byId.get(id)
  return known ? [known.id, known.title, ...(known.url ? [known.url] : [])] : [id]
}

export const licenseTitle = (id: string): string => byId.get(id)?.title ?? id

/** As `license_list` gives them. */
export const licenseList = () =>
  licenses.map(({ id, title, url, open }) => ({
    id,
    title,
    url,
    status: 'active',
    maintainer: '',
    family: '',
    is_generic: String(id.startsWith('other-') || id === 'notspecified'),
    domain_content: 'False',
    domain_data: open ? 'True' : 'False',
    domain_software: 'False',
    od_conformance: open ? 'approved' : 'not reviewed',
    osd_conformance: 'not reviewed',
  }))
