import type { Endpoint } from '../shared/http/endpoint.ts';
import { http } from '../shared/http/http.ts';
import { whoAsks } from '../shared/people/who-asks.ts';

/** A function of the API: its endpoints, and our way to tell who asks. */
export const serve = (endpoints: readonly Endpoint[]) => http(endpoints, whoAsks);
