import { Aws } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { lakeColumns, lakePrefix, lakeQueries } from '../../shared/insights/lake-queries.ts';
import type { Stage } from '../stages.ts';

/** What queries answer: kept for a month. */
export const resultsPrefix = 'results/';

/** A table over every event, and the queries that are asked again and again: what Athena knows of the lake. */
export class LakeTable extends Construct {
  constructor(scope: Construct, id: string, { stage, bucket }: { stage: Stage; bucket: Bucket }) {
    super(scope, id);
    const name = `stepwise_${stage.name}`.replaceAll('-', '_');
    const database = new CfnDatabase(this, 'Database', { catalogId: Aws.ACCOUNT_ID, databaseInput: { name } });
    const location = `s3://${bucket.bucketName}/${lakePrefix}`;
    const columns = Object.entries(lakeColumns);
    const table = new CfnTable(this, 'Events', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: name,
      tableInput: {
        name: 'events',
        description: 'Every event, at least once',
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [{ name: 'dt', type: 'string' }],
        // The days are computed from the query: nobody has to add a partition.
        parameters: {
          'projection.enabled': 'true',
          'projection.dt.type': 'date',
          'projection.dt.format': 'yyyy-MM-dd',
          'projection.dt.range': '2026-01-01,NOW+1DAYS',
          'storage.location.template': `${location}dt=\${dt}/`,
        },
        storageDescriptor: {
          location,
          inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          columns: columns.map(([column, type]) => ({ name: column.toLowerCase(), type })),
          serdeInfo: {
            serializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
            // Columns of Glue are lower case, fields of events are not.
            parameters: {
              'case.insensitive': 'false',
              ...Object.fromEntries(columns.map(([column]) => [`mapping.${column.toLowerCase()}`, column])),
            },
          },
        },
      },
    });
    table.addResourceDependency(database);
    const workGroup = new CfnWorkGroup(this, 'WorkGroup', {
      name: `stepwise-${stage.name}`,
      recursiveDeleteOption: !stage.protected,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        resultConfiguration: {
          outputLocation: `s3://${bucket.bucketName}/${resultsPrefix}`,
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
        },
      },
    });
    for (const [query, { about, sql }] of Object.entries(lakeQueries)) {
      const named = new CfnNamedQuery(this, `Query-${query}`, {
        name: query,
        description: about,
        database: name,
        workGroup: workGroup.name,
        queryString: sql,
      });
      named.addResourceDependency(workGroup);
      named.addResourceDependency(table);
    }
  }
}
