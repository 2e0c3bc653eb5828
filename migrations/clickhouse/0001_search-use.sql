-- search: the use log, from which use counts, popular searches and searches without a result are derived.
-- It holds no person: who asked is in the audit log when that must be known.

CREATE DATABASE IF NOT EXISTS search {{on_cluster}};

CREATE TABLE IF NOT EXISTS search.use_event {{on_cluster}}
(
  at DateTime64(3, 'UTC') DEFAULT now64(3),
  -- 'search' or 'view'
  kind LowCardinality(String),
  -- what was asked; empty for a view that came from elsewhere
  query String,
  -- the entry viewed; 0 for a search
  dataset_id UInt32,
  -- entries found; 0 for a view
  results UInt32,
  language LowCardinality(String),
  request_id String
)
ENGINE = {{engine}}
PARTITION BY toYYYYMM(at)
ORDER BY (kind, dataset_id, at)
TTL toDateTime(at) + INTERVAL 400 DAY;
