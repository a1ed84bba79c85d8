import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Refusal } from '../core/refusal.ts';
import { storable } from './storable.ts';

const maxBytes = 1_048_576;
const maxDepth = 32;

/** The bytes of a request's body, exactly as they came: HTTP APIs hand some on in base64. 413 over `most`. */
export function bytesOf(
  { body = '', isBase64Encoded }: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>,
  most: number,
): Buffer {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > most) throw new Refusal('record.tooLarge', `A body may have ${Math.floor(most / 1024)} kB`);
  return bytes;
}

/**
 * The JSON object of a request's body. 413 over 1 MB, 415 for another media type, 400 for what is no JSON object of 32 levels, or holds
 * what no record can.
 */
export function bodyOf(event: APIGatewayProxyEventV2): Record<string, unknown> {
  if (!event.body) return {};
  const text = bytesOf(event, maxBytes).toString();
  const type = event.headers['content-type'] ?? 'application/json';
  if (!/^application\/(json|merge-patch\+json)\b/i.test(type))
    throw new Refusal('request.unsupportedMediaType', `${type} is not JSON`);
  return storable(objectIn(text));
}

/** The JSON object that a text is; 400 for what is none, or has more than 32 levels. */
export function objectIn(text: string): Record<string, unknown> {
  if (depthOf(text) > maxDepth) throw new Refusal('request.invalid', `The body has more than ${maxDepth} levels`);
  // Trimmed of the mark of its order too, which some editors and shells begin a text with.
  const value = parsed(text.trim());
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Refusal('request.invalid', 'The body must be a JSON object');
}

/** Names by which JavaScript reaches behind an object: no field has them, and what walks a record must not trip over them. */
const reserved = new Set(['__proto__', 'constructor', 'prototype']);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (name, value: unknown) => {
      if (reserved.has(name)) throw new Refusal('request.invalid', `No field can be called ${name}`);
      return value;
    });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('request.invalid', 'The body is not JSON');
  }
}

/** How deep a JSON text nests, in one pass: a million levels would parse, and then break whatever walks them. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}
