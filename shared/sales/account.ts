import * as z from 'zod';
import { Address, normalisedName } from '../core/contact-points.ts';
import { id } from '../core/ids.ts';
import { Line, Prose } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { inState, under, workOf } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { blocksOf } from './match-blocks.ts';
import { type Party, partyOf } from './match-party.ts';

export const AccountStage = z.enum(['prospect', 'customer', 'former']);
export const ExternalId = z.strictObject({ source: z.string().min(1).max(50), id: z.string().min(1).max(100) });
export const Custom = z
  .record(Line.max(50), z.union([Prose.max(2_000), z.number(), z.boolean()]))
  .meta({ title: 'Fields of your own' });
export const Tags = z.array(Line.min(1).max(50)).max(100);
const Domain = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+$/u)
  .max(253);

/** What can be said of an account. */
export const AccountDetails = z.strictObject({
  kind: z.enum(['organization', 'person']).default('organization'),
  name: Line.min(1).max(200),
  domain: Domain.optional(),
  phone: Line.min(1).max(40).optional().meta({ description: 'In E.164 where it can be told.' }),
  industry: Line.max(100).optional(),
  size: z.int().min(0).optional().meta({ description: 'Employees.' }),
  stage: AccountStage.default('prospect'),
  ownerId: id('usr').optional(),
  teamId: id('tea').optional(),
  billingAddress: Address.optional(),
  shippingAddress: Address.optional(),
  location: z.strictObject({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) }).optional(),
  taxId: Line.max(50).optional(),
  tags: Tags.optional(),
  externalIds: z.array(ExternalId).max(20).optional(),
  custom: Custom.optional(),
});

export type AccountDetails = z.infer<typeof AccountDetails>;

const AccountRecord = z
  .object({
    ...record('acc'),
    ...AccountDetails.shape,
    holdsDomain: z
      .string()
      .optional()
      .meta({ description: 'The domain whose unknown addresses are of this account: one account a domain holds it.' }),
  })
  .meta({ id: 'Account' });
export type Account = z.infer<typeof AccountRecord>;

export const externalKey = (source: string, id: string): string => `external#account#${source}#${id}`;
export const nameKey = (name: string): string => `name#account#${normalisedName(name)}`;
export const domainKey = (domain: string): string => `domain#${domain}`;
/** Where accounts stand that have something in common by which they may be the same. */
export const matchKey = (block: string): string => `match#account#${block}`;
/** An account, or what a row says of one, as it is compared. */
export const accountParty = ({ name, domain, phone, taxId, billingAddress }: Partial<AccountDetails>): Party =>
  partyOf({ name, domain, phone, taxId, address: billingAddress });

/** Held by the first account of a domain, so that two simultaneous captures make one. */
export const firstOfDomain = (domain: string): string => `domain#${domain}#first`;

const sharedKeys = (account: Pick<AccountDetails, 'name'> & Partial<AccountDetails>): string[] => [
  nameKey(account.name),
  ...(account.domain ? [domainKey(account.domain)] : []),
  ...blocksOf(accountParty(account)).filter(isMatched).map(matchKey),
];
/** The first holder of a domain has a unique key for it already. */
export const isMatched = (block: string): boolean => !block.startsWith('domain#');

/** An organisation or a person that we deal with: the partition of everything that belongs to it. */
export const Account: Kind<Account> = {
  name: 'account',
  prefix: 'acc',
  schema: AccountRecord,
  unique: ({ externalIds = [], holdsDomain, archivedAt }) =>
    archivedAt
      ? []
      : [
          ...externalIds.map(({ source, id }) => externalKey(source, id)),
          ...(holdsDomain ? [firstOfDomain(holdsDomain)] : []),
        ],
  places: ({ id, stage, ownerId, createdAt, ...details }) => ({
    gsi2: inState('account', stage, createdAt, id),
    ...(ownerId && { gsi1: workOf(ownerId, 'account', stage, createdAt, id) }),
    shared: sharedKeys(details).map((key) => under(key, id)),
  }),
};

const event = eventsOf(Account, AccountRecord.pick({ kind: true, name: true, stage: true, ownerId: true }));
export const AccountCreated = event('created');
export const AccountUpdated = event('updated');
export const AccountArchived = event('archived');
export const AccountRestored = event('restored');
