/** What a role may, in one table. A role has what the role before it has. */
const viewer = [
  'accounts:read contacts:read leads:read pipelines:read opportunities:read products:read quotes:read orders:read invoices:read',
  'payments:read cases:read activities:read mails:read tasks:read processes:read users:read teams:read policies:read',
  'consents:read suppressions:read forms:read segments:read templates:read campaigns:read reports:read imports:read exports:read',
];
const agent = [
  'accounts:write contacts:write leads:write opportunities:write quotes:write orders:write invoices:write payments:write',
  'cases:write activities:write tasks:write consents:write',
];
const manager = [
  'quotes:approve products:write pipelines:write users:write teams:write policies:write processes:write invoices:approve',
  'suppressions:write forms:write segments:write templates:write campaigns:write campaigns:approve reports:write imports:write exports:write',
];
const admin = ['api-keys:read api-keys:write act-as:write'];

const permissions = (...of: string[][]): ReadonlySet<string> => new Set(of.flat().flatMap((line) => line.split(' ')));

/** Roles are sets of `<resource>:read|write|approve`. */
export const roles = {
  viewer: permissions(viewer),
  agent: permissions(viewer, agent),
  manager: permissions(viewer, agent, manager),
  admin: permissions(viewer, agent, manager, admin),
} as const;
export type Role = keyof typeof roles;
export const roleNames = ['viewer', 'agent', 'manager', 'admin'] as const satisfies readonly Role[];
