import { InvokeCommand, LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';

/**
 * Invokes the function of a file, such as `functions/scheduled/sweep.ts`, in the cloud that the environment names, and waits for what it
 * answers. Throws when there is none, or when it fails.
 */
export async function invoke(file: string, payload: object = {}): Promise<unknown> {
  const lambda = new LambdaClient({});
  const FunctionName = await nameOf(lambda, file);
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }),
  );
  const answer = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(`${file} failed: ${answer}`);
  return answer === '' ? undefined : JSON.parse(answer);
}

/** CloudFormation cuts names short; the description says which file it is. */
async function nameOf(lambda: LambdaClient, file: string): Promise<string> {
  for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {})) {
    const found = Functions.find(({ Description }) => Description === file);
    if (found?.FunctionName) return found.FunctionName;
  }
  throw new Error(`No function is of ${file}`);
}
