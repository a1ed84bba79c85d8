import * as z from 'zod';
import { Currency } from '../core/money.ts';
import { Refusal } from '../core/refusal.ts';
import { type Field, type Fields, fieldAt } from './fields.ts';

export const Lookup = z.enum(['name', 'email', 'sku', 'externalId', 'domain']);
export type Lookup = z.infer<typeof Lookup>;

/** What becomes of a column. */
export const ColumnRule = z
  .strictObject({
    field: z.string().min(1).max(100),
    lookup: Lookup.optional().meta({ description: 'By what the record is found that the column names.' }),
    create: z.literal(true).optional().meta({ description: 'What the look-up does not find is made.' }),
    default: z.string().max(500).optional().meta({
      description:
        'What holds where the cell is empty or its look-up finds nothing; of a look-up, what is made once if need be.',
    }),
    values: z.record(z.string(), z.string().max(500)).optional().meta({ description: 'What cells mean.' }),
    aliases: z.record(z.string(), z.string().max(500)).optional().meta({ description: 'What names are called here.' }),
    currency: Currency.optional(),
    unit: z.enum(['major', 'minor']).optional(),
    format: z
      .string()
      .max(40)
      .optional()
      .meta({
        description: 'How dates or numbers are written.',
        examples: ['DD.MM.YYYY', 'M/D/YY HH:mm', '1.234,56'],
      }),
    source: z.string().min(1).max(50).optional().meta({ description: 'The system that external ids are of.' }),
  })
  .meta({ id: 'ColumnRule' });
export type ColumnRule = z.infer<typeof ColumnRule>;

/** Column -> its field, or its field and how to get there. Columns that are not named are left out. */
export const Mapping = z.record(z.string().max(200), z.union([z.string().min(1).max(100), ColumnRule]));
export type Mapping = z.infer<typeof Mapping>;

/** A column that is read: where it stands, and what it becomes. */
export interface ReadColumn {
  column: string;
  at: number;
  rule: ColumnRule;
  field: Field;
}

/** What may be looked up of which kind of record, and made if it is not there. */
export const lookups: Readonly<Record<string, { by: readonly Lookup[]; creates?: true }>> = {
  acc: { by: ['name', 'domain', 'externalId'], creates: true },
  con: { by: ['email', 'externalId'] },
  opp: { by: ['externalId'] },
  usr: { by: ['name', 'email'] },
  tea: { by: ['name'], creates: true },
  prd: { by: ['name', 'sku'] },
  pip: { by: ['name'] },
};

/** A mapping over the columns of a file. 400 with a pointer for each column or field that there is not, or that cannot be read so. */
export function readColumns(mapping: Mapping, columns: readonly string[], fields: Fields): ReadColumn[] {
  const taken = new Set<string>();
  const errors: { pointer: string; code: string; detail: string }[] = [];
  const read = Object.entries(mapping).flatMap(([column, said]): ReadColumn[] => {
    const rule = typeof said === 'string' ? { field: said } : said;
    const at = columns.indexOf(column);
    const field = fieldAt(fields, rule.field);
    const fault =
      at < 0
        ? `The file has no column ${column}`
        : field
          ? misfit(rule, field, taken)
          : `There is no field ${rule.field}`;
    if (fault)
      errors.push({
        pointer: `#/mapping/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        code: 'mapping.invalid',
        detail: fault,
      });
    taken.add(rule.field);
    return field && !fault ? [{ column, at, rule, field }] : [];
  });
  if (errors.length) throw new Refusal('request.invalid', errors.map(({ detail }) => detail).join('; '), { errors });
  return read;
}

function misfit(
  { field: path, lookup, create, default: other }: ColumnRule,
  field: Field,
  taken: ReadonlySet<string>,
): string | undefined {
  if (taken.has(path) && field.as !== 'list') return `Two columns cannot both be ${path}`;
  const to = referred(field);
  if (!lookup) return create ? 'What is made has to be looked up first: say lookup' : undefined;
  if (!to) return `${path} refers to nothing that could be looked up`;
  const known = lookups[to];
  if (!known?.by.includes(lookup)) return `${path} can be looked up by ${known?.by.join(', ') ?? 'its id alone'}`;
  if ((create || other !== undefined) && lookup === 'externalId') return `${path} cannot be made of an external id`;
  return create && !known.creates ? `What ${path} refers to cannot be made of a name` : undefined;
}

/** The kind of record that a field refers to, also one of many. */
export const referred = (field: Field): string | undefined =>
  field.as === 'reference' ? field.to : field.as === 'list' ? referred(field.of) : undefined;
