/** Where the events lie in the lake's bucket: lines of JSON, gzipped, by the day on which they occurred. */
export const lakePrefix = 'events/';

/** A question to all events that there ever were. */
export interface LakeQuery {
  readonly about: string;
  readonly sql: string;
}

/**
 * The columns of the table `events`, as Hive types. Objects whose shape depends on the event are JSON as text: `json_extract_scalar(data,
 * '$.stage')`. The partition `dt` is the day (UTC) of `occurredAt`.
 */
export const lakeColumns = {
  id: 'string',
  type: 'string',
  schemaVersion: 'int',
  occurredAt: 'string',
  accountId: 'string',
  recordId: 'string',
  recordVersion: 'int',
  status: 'string',
  actor: 'struct<kind:string,id:string,via:string>',
  correlationId: 'string',
  causationId: 'string',
  origin: 'struct<importId:string,runWorkflows:boolean>',
  changes: 'string',
  reasons: 'array<string>',
  policy: 'struct<name:string,version:int>',
  data: 'string',
} as const;

/** What is asked again and again. One text for Athena and for DuckDB; an event may be there twice, so each counts by its id or record. */
export const lakeQueries: Readonly<Record<string, LakeQuery>> = {
  funnel: {
    about: 'How many leads came each month, and how many were ever qualified, converted or disqualified',
    sql: `SELECT substr(occurredAt, 1, 7) AS month,
  count(DISTINCT CASE WHEN type = 'lead.captured' THEN recordId END) AS captured,
  count(DISTINCT CASE WHEN type = 'lead.qualified' THEN recordId END) AS qualified,
  count(DISTINCT CASE WHEN type = 'lead.converted' THEN recordId END) AS converted,
  count(DISTINCT CASE WHEN type = 'lead.disqualified' THEN recordId END) AS disqualified
FROM events
WHERE type LIKE 'lead.%'
GROUP BY 1
ORDER BY 1`,
  },
  stages: {
    about: 'How many hours opportunities stood in each stage before they moved on',
    sql: `WITH steps AS (
  SELECT DISTINCT recordId, recordVersion, occurredAt, json_extract_scalar(data, '$.stage') AS stage
  FROM events
  WHERE type IN ('opportunity.opened', 'opportunity.moved', 'opportunity.won', 'opportunity.lost', 'opportunity.reopened')
), stays AS (
  SELECT stage, occurredAt AS since, lead(occurredAt) OVER (PARTITION BY recordId ORDER BY recordVersion) AS until
  FROM steps
)
SELECT stage, count(*) AS stays,
  round(avg(date_diff('minute', from_iso8601_timestamp(since), from_iso8601_timestamp(until))) / 60.0, 1) AS hours
FROM stays
WHERE until IS NOT NULL
GROUP BY stage
ORDER BY stage`,
  },
  actors: {
    about: 'Who changed how many records on each day: people, keys, processes, customers, the system',
    sql: `SELECT substr(occurredAt, 1, 10) AS day, actor.kind AS kind, actor.id AS id, count(DISTINCT recordId) AS records,
  count(DISTINCT events.id) AS events
FROM events
GROUP BY 1, 2, 3
ORDER BY 1, 5 DESC, 3`,
  },
};
