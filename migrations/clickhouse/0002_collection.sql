-- collection: rows of collected tables (a table each, made with the first batch) and what was no row.

CREATE DATABASE IF NOT EXISTS collection {{on_cluster}};

-- Records that were not taken. Those of a batch that readers do not see stay too: they say why.
CREATE TABLE IF NOT EXISTS collection.rejected {{on_cluster}}
(
  table_id UInt32,
  batch UInt32,
  -- Number of the record in the file, from 1; its line where that is known.
  record UInt64,
  line UInt64,
  -- Name of the column; empty where the record as a whole is no row.
  column String,
  value String,
  rule LowCardinality(String),
  message String
)
ENGINE = {{engine}}
ORDER BY (table_id, batch, record);
