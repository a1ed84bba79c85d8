import type * as z from 'zod';

/** A versioned set of rules: typed defaults in code, overridden by items of the table. */
export interface Policy<B extends object> {
  readonly name: string;
  readonly body: z.ZodType<B>;
  readonly defaults: B;
}
/** A policy as a rule gets it: what it says, and the version that goes into the event. */
export type InForce<B> = B & { policy: { name: string; version: number } };

/** Declares a policy. */
export const policy = <S extends z.ZodObject>(name: string, body: S, defaults: z.infer<S>): Policy<z.infer<S>> => ({
  name,
  body: body as unknown as z.ZodType<z.infer<S>>,
  defaults,
});

/** A policy that nobody has changed: version 0. */
export const byDefault = <B extends object>({ name, defaults }: Policy<B>): InForce<B> => ({
  ...defaults,
  policy: { name, version: 0 },
});
