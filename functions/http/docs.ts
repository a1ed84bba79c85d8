import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { endpoint } from '../../shared/http/endpoint.ts';
import { serve } from '../serve.ts';

/** Made at build, beside the bundle: no handler carries the generator. */
let document: Promise<Record<string, unknown>> | undefined;
const openApi = (): Promise<Record<string, unknown>> => {
  document ??= readFile(new URL('./openapi.json', import.meta.url), 'utf8').then(
    (text) => JSON.parse(text) as Record<string, unknown>,
  );
  return document;
};

export const endpoints = [
  endpoint('GET /v1/health', {
    summary: 'Whether the API answers',
    may: 'public',
    answer: z.object({ status: z.literal('ok') }),
    does: async () => ({ status: 'ok' as const }),
  }),
  endpoint('GET /v1/openapi.json', {
    summary: 'This document',
    may: 'public',
    answer: z.record(z.string(), z.unknown()),
    does: openApi,
  }),
];

/** It also gets what no other function is routed to: an unknown address has our own 404. */
export const handler = serve(endpoints);
