import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { endpoint, Paging, pageOf } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import {
  ApiKey,
  ApiKeyDetails,
  createApiKey,
  revokeApiKey,
  rotateApiKey,
  ShownApiKey,
  shownKey,
} from '../../shared/people/api-key.ts';
import { createTeam, createUser, editTeam, editUser, moveUserBy } from '../../shared/people/people-commands.ts';
import { Team, TeamArchived, TeamDetails, TeamRestored } from '../../shared/people/team.ts';
import { User, UserArchived, UserDetails, UserRestored, userEmailKey } from '../../shared/people/user.ts';
import { archive, restore } from '../../shared/store/edit.ts';
import { pageOfAll } from '../../shared/store/list.ts';
import { serve } from '../serve.ts';

const user = { params: z.strictObject({ id: id('usr') }), answer: User.schema };
const team = { params: z.strictObject({ id: id('tea') }), answer: Team.schema };
const key = { params: z.strictObject({ id: id('key') }), answer: ShownApiKey };

export const endpoints = [
  endpoint('POST /v1/users', {
    summary: 'Create a user',
    may: 'users:write',
    body: UserDetails,
    status: 201,
    answer: User.schema,
    refuses: ['record.duplicate', 'reference.unknown'],
    does: createUser,
  }),
  listOf('GET /v1/users', {
    kind: User,
    summary: 'List users',
    may: 'users:read',
    all: by.directory('usr'),
    filters: { email: by.key('email#usr#', userEmailKey) },
  }),
  endpoint('GET /v1/users/{id}', {
    summary: 'Read a user',
    may: 'users:read',
    ...user,
    does: (crm, { id }) => crm.load(User, id),
  }),
  explains('users', User),
  endpoint('PATCH /v1/users/{id}', {
    summary: 'Edit a user',
    may: 'users:write',
    ...user,
    patch: UserDetails,
    refuses: ['record.duplicate', 'reference.unknown'],
    does: editUser,
  }),
  endpoint('DELETE /v1/users/{id}', {
    summary: 'Archive a user',
    may: 'users:write',
    ...user,
    does: archive(User, UserArchived),
  }),
  endpoint('POST /v1/users/{id}/restore', {
    summary: 'Bring a user back',
    may: 'users:write',
    ...user,
    does: restore(User, UserRestored),
  }),
  endpoint('POST /v1/users/{id}/deactivate', {
    summary: 'Deactivate a user',
    may: 'users:write',
    ...user,
    refuses: ['record.wrongState'],
    does: moveUserBy('deactivate'),
  }),
  endpoint('POST /v1/users/{id}/activate', {
    summary: 'Activate a user',
    may: 'users:write',
    ...user,
    refuses: ['record.wrongState'],
    does: moveUserBy('activate'),
  }),

  endpoint('POST /v1/teams', {
    summary: 'Create a team',
    may: 'teams:write',
    body: TeamDetails,
    status: 201,
    answer: Team.schema,
    refuses: ['reference.unknown'],
    does: createTeam,
  }),
  listOf('GET /v1/teams', {
    kind: Team,
    summary: 'List teams',
    may: 'teams:read',
    all: by.directory('tea'),
    filters: {},
  }),
  endpoint('GET /v1/teams/{id}', {
    summary: 'Read a team',
    may: 'teams:read',
    ...team,
    does: (crm, { id }) => crm.load(Team, id),
  }),
  explains('teams', Team),
  endpoint('PATCH /v1/teams/{id}', {
    summary: 'Edit a team',
    may: 'teams:write',
    ...team,
    patch: TeamDetails,
    refuses: ['reference.unknown'],
    does: editTeam,
  }),
  endpoint('DELETE /v1/teams/{id}', {
    summary: 'Archive a team',
    may: 'teams:write',
    ...team,
    does: archive(Team, TeamArchived),
  }),
  endpoint('POST /v1/teams/{id}/restore', {
    summary: 'Bring a team back',
    may: 'teams:write',
    ...team,
    does: restore(Team, TeamRestored),
  }),

  endpoint('POST /v1/api-keys', {
    summary: 'Make a key; its secret is shown once',
    may: 'api-keys:write',
    body: ApiKeyDetails,
    status: 201,
    answer: ShownApiKey,
    does: createApiKey,
  }),
  endpoint('GET /v1/api-keys', {
    summary: 'List keys',
    may: 'api-keys:read',
    query: Paging,
    answer: pageOf(ShownApiKey),
    filters: [{ filter: '(none)', key: 'pk = dir#key', consistency: 'strong' }],
    does: async ({ store }, paged) =>
      pageOfAll((await store.loadAll(ApiKey, 'dir#key')).map(shownKey), paged, ({ id }) => id),
  }),
  endpoint('GET /v1/api-keys/{id}', {
    summary: 'Read a key',
    may: 'api-keys:read',
    ...key,
    does: async (crm, { id }) => shownKey(await crm.load(ApiKey, id)),
  }),
  endpoint('POST /v1/api-keys/{id}/rotate', {
    summary: 'Give a key a new secret; the old one opens for another day',
    may: 'api-keys:write',
    ...key,
    refuses: ['record.wrongState'],
    does: rotateApiKey,
  }),
  endpoint('POST /v1/api-keys/{id}/revoke', {
    summary: 'Revoke a key',
    may: 'api-keys:write',
    ...key,
    refuses: ['record.wrongState'],
    does: revokeApiKey,
  }),
];

export const handler = serve(endpoints);
