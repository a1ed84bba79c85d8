import { isId } from '../core/ids.ts';
import { type Field, type Fields, fieldAt } from './fields.ts';
import type { Importable } from './importable.ts';
import { type Context, readRow } from './map-row.ts';
import { type ColumnRule, lookups, type Mapping, referred } from './mapping.ts';

type Suggestion = string | ColumnRule;
/** What a column may be taken for. */
export type Target = Pick<Importable, 'kind' | 'fields' | 'also' | 'called' | 'compared'>;

/** Words as they are compared: letters and digits alone, so that `Close Date`, `close_date` and `closeOn` come near. */
const plainWord = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/** Headers in German, Spanish and French behind what they are in English; without spaces and accents. */
const abroad =
  `company firma firmenname unternehmen organisation kunde kundenname empresa cliente compania societe entreprise client raisonsociale|
    firstname vorname nombre prenom|lastname nachname familienname zuname apellido apellidos nomdefamille|name bezeichnung nombre nom|
    fullname ansprechpartner nombrecompleto nomcomplet|email emailadresse mailadresse correo correoelectronico courriel adressemail adresseemail|
    phone telefon telefonnummer tel mobil mobiltelefon handy telefono movil telephone portable|
    street strasse straße anschrift adresse direccion calle rue|zip plz postleitzahl cp codigopostal codepostal|
    city ort stadt ciudad localidad poblacion ville|region bundesland provincia departement|country land pais pays|
    website webseite internet homepage sitioweb web siteweb siteinternet|industry branche sector sectordeactividad secteur secteurdactivite|
    employees mitarbeiter mitarbeiterzahl mitarbeiteranzahl empleados numerodeempleados effectif nombredesalaries|
    taxid ustid ustidnr umsatzsteuerid steuernummer nif cif rfc siret numerodetva ntva|
    jobtitle funktion stelle cargo puesto fonction poste|owner besitzer zustandig verkaufer vendedor propietario comercial proprietaire commercial|
    amount betrag wert umsatz importe monto valor montant|stage phase verkaufsphase etapa fase etape|status estado etat statut|
    closedate abschlussdatum abschluss fechadecierre datedecloture|createdate erstelltam erstellt erstellungsdatum fechadecreacion datedecreation creele|
    description beschreibung descripcion|notes notizen bemerkung notas message nachricht mensaje|source quelle herkunft origen fuente origine|
    product produkt artikel producto produit article|sku artikelnummer artikelnr codigo reference referencia|price preis verkaufspreis einzelpreis precio prix|
    category kategorie warengruppe categoria categorie|invoicenumber rechnungsnummer rechnungsnr numerodefactura numerodefacture|
    invoicedate rechnungsdatum fechadefactura datedefacture|duedate falligkeitsdatum fallig fechadevencimiento datedecheance|
    gross brutto bruttobetrag gesamtbetrag total ttc|tax mwst ust iva tva|paid bezahlt pagado paye|subject betreff thema asunto sujet objet|
    priority prioritat prioridad priorite|date datum fecha|opportunityname verkaufschance chance oportunidad opportunite affaire|
    externalid kundennummer kundennr numerodecliente numeroclient`
    .split('|')
    .map((line) => line.trim().split(/\s+/));

const inEnglish = (word: string): string[] =>
  abroad.flatMap(([english = '', ...words]) => (words.includes(word) ? [english] : []));

/** What says of a column no more than that it is the usual one, or one more of the same. */
const around = {
  before: 'address1?|billing|mailing|business|work|office|primary|secondary|main|default|current|associated|assignedto',
  behind: 'value|work|home|\\d',
};

/** How a header may be said: as it stands, or either side of a slash; without what stands around; in English too. */
function sayings(column: string, called: string): string[] {
  const sides = new Set([column, ...column.split('/')].map(plainWord));
  return [...sides].flatMap((side) => {
    const begun = side.replace(new RegExp(`^(?:${called}|${around.before})+`), '');
    const said = [side, begun, begun.replace(new RegExp(`(?:${around.behind})+$`), '')];
    return said.filter(Boolean).flatMap((word) => [word, ...inEnglish(word)]);
  });
}

/** What a header is taken for: a field of that name, or what the object calls it also. */
function suggestionFor(column: string, to: Target): Suggestion | undefined {
  if (to.fields['custom.*'] && /^custom\.[\w-]{1,50}$/.test(column)) return column;
  const known = new Map<string, Suggestion>([
    ...Object.keys(to.fields).map((path) => [plainWord(path), path] as const),
    ...Object.entries(to.also).flatMap(([words, is]) => words.split(' ').map((word) => [word, is] as const)),
  ]);
  const found = sayings(column, to.called).find((saying) => known.has(saying));
  if (found) return known.get(found);
  const [, shipped] = /^(?:shipping|delivery)(?: address)?[\s:-]*(.+)$/i.exec(column) ?? [];
  const billed = shipped && suggestionFor(shipped, to);
  return typeof billed === 'string' && billed.startsWith('billing') ? billed.replace('billing', 'shipping') : undefined;
}

/** What a column is proposed for: what its header says, where its cells speak our words: ids and choices of another system are others. */
function proposalFor(column: string, to: Target, cells: readonly string[], context: Context): Suggestion | undefined {
  const suggested = suggestionFor(column, to);
  const rule = typeof suggested === 'string' ? { field: suggested } : suggested;
  const field = rule && fieldAt(to.fields, rule.field);
  if (!rule || !field || !cells.length || !namesOurs(rule, field)) return suggested;
  const own = rule.field === 'id' ? to.kind.prefix : referred(field);
  const read = { column, at: 0, rule, field };
  const isOurs = (cell: string) =>
    own ? hasId(own, cell) : !readRow({ row: 1, cells: [cell], ragged: false }, [read], context).faults.length;
  if (cells.some(isOurs)) return suggested;
  return own ? foreign(rule.field, to, cells) : cells.length > 1 ? undefined : suggested;
}

/** Whether a cell says that its file is one of ours, by an id under the name of its field: what columns are called is then what they are. */
function holdsOurs(column: string, { kind, fields }: Target, cell: string): boolean {
  const field = fields[column];
  const own = column === 'id' ? kind.prefix : field && referred(field);
  return own !== undefined && hasId(own, cell);
}

/** Whether one of a cell's parts is an id of a kind, however a list of them is written. */
const hasId = (kind: string, cell: string): boolean => cell.split(/[\s;,"[\]]+/).some((part) => isId(kind, part));

const namesOurs = ({ field: path, lookup }: ColumnRule, field: Field): boolean =>
  path === 'id' || (!lookup && referred(field) !== undefined) || field.as === 'choice';

/** Ids of another system are what a record is known by there. Where records are compared, those that merely count the rows say nothing. */
function foreign(path: string, { fields, compared }: Target, cells: readonly string[]): ColumnRule | undefined {
  if (path === 'id') {
    const counts = cells.every((cell, n) => /^\d+$/.test(cell) && Number(cell) === Number(cells[0]) + n);
    return fields['externalId'] && !(counts && compared) ? { field: 'externalId', source: 'import' } : undefined;
  }
  const to = referred(fieldAt(fields, path)!);
  const known = to && lookups[to]?.by.includes('externalId');
  return known ? { field: path, lookup: 'externalId', source: 'import' } : undefined;
}

/** What each column is proposed for, by its header and the cells below. */
export const proposals = (
  columns: readonly string[],
  to: Target,
  rows: readonly { cells: readonly string[] }[],
  context: Context,
): (Suggestion | undefined)[] => {
  const below = columns.map((_, at) => rows.flatMap(({ cells }) => (cells[at]?.trim() ? cells[at] : [])));
  const isOwn = columns.some((column, at) => below[at]!.some((cell) => holdsOurs(column, to, cell)));
  const found = columns.map((column, at) =>
    isOwn && to.fields[column] ? column : proposalFor(column, to, below[at]!, context),
  );
  // Beside a first name, a name is the family's, or says both once more.
  const rest = found.includes('lastName') ? undefined : 'lastName';
  return found.map((one) => (one === 'name' && found.includes('firstName') ? rest : one));
};

/** The mapping that this comes to: the first column that fits a field gets it, unless the field is a list. */
export function proposedMapping(
  columns: readonly string[],
  fields: Fields,
  proposed: readonly (Suggestion | undefined)[],
): Mapping {
  const mapping: Mapping = {};
  const taken = new Set<string>();
  for (const [at, column] of columns.entries()) {
    const suggested = proposed[at];
    const path = typeof suggested === 'string' ? suggested : suggested?.field;
    if (!suggested || !path || (taken.has(path) && fieldAt(fields, path)?.as !== 'list')) continue;
    taken.add(path);
    mapping[column] = suggested;
  }
  return mapping;
}
