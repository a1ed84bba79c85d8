import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';

/**
 * Roboto (OFL 1.1): Latin, Greek and Cyrillic. The files are found as modules, from the source tree and from a bundle
 * beside which the build has put `node_modules/@expo-google-fonts/roboto` with these two files.
 */
const { resolve } = createRequire(import.meta.url);
const faces = {
  regular: resolve('@expo-google-fonts/roboto/400Regular/Roboto_400Regular.ttf'),
  bold: resolve('@expo-google-fonts/roboto/700Bold/Roboto_700Bold.ttf'),
};

/** Points and CSS colours. */
export interface Ink {
  face?: keyof typeof faces;
  size?: number;
  color?: string;
  align?: 'start' | 'end';
}
export interface About {
  title: string;
  author: string;
  language: string;
  /** Stands in the file as its date of creation, so that the same input makes the same bytes. */
  writtenOn: string;
}

const points = { width: 595.28, height: 841.89, margin: 50, foot: 64 };
/** What sums of widths may differ by. */
const hair = 0.01;
const lineHeight = (size: number): number => size * 1.4;

/** A pile of A4 sheets, written from top to bottom: `y` is where the next line goes. All measures are points. */
export class Paper {
  readonly left = points.margin;
  readonly right = points.width - points.margin;
  readonly width = points.width - 2 * points.margin;
  readonly bottom = points.height - points.foot;
  y: number = points.margin;
  /** Written at the top of every further sheet. */
  onNewSheet: () => void = () => {};
  readonly #sheets: PDFKit.PDFDocument;

  constructor({ title, author, language, writtenOn }: About) {
    this.#sheets = new PDFDocument({
      size: 'A4',
      margin: 0,
      font: faces.regular,
      bufferPages: true,
      pdfVersion: '1.7',
      lang: language,
      displayTitle: true,
      info: {
        Title: printable(title),
        Author: printable(author),
        Creator: 'Stepwise',
        Producer: 'Stepwise',
        CreationDate: new Date(`${writtenOn}T00:00:00Z`),
      },
    });
  }

  /** Begins a new sheet where less than `height` is left of this one. */
  need(height: number): void {
    if (this.y + height <= this.bottom) return;
    this.#sheets.addPage();
    this.y = points.margin;
    this.onNewSheet();
  }

  /** One line at `y`, which stays where it is. */
  line(text: string, x: number, width: number, ink: Ink = {}): void {
    const start = ink.align === 'end' ? x + width - this.widthOf(text, ink) : x;
    this.#take(ink).text(printable(text), start, this.y, { lineBreak: false });
  }

  /** Lines that go on over as many sheets as they need; `y` ends below them. */
  lines(all: readonly string[], x: number, width: number, ink: Ink = {}): void {
    const height = lineHeight(ink.size ?? 9);
    for (const text of all) {
      this.need(height);
      this.line(text, x, width, ink);
      this.y += height;
    }
  }

  /** A paragraph: wrapped, then written as lines. */
  paragraph(text: string, x: number, width: number, ink: Ink = {}): void {
    this.lines(this.wrap(text, width, ink), x, width, ink);
  }

  rule(color = '#d1d5db', from = this.left, to = this.right): void {
    this.#sheets.moveTo(from, this.y).lineTo(to, this.y).lineWidth(0.7).strokeColor(color).stroke();
  }

  widthOf(text: string, ink: Ink = {}): number {
    return this.#take(ink).widthOfString(printable(text));
  }

  /** The text in lines no wider than `width`: broken at spaces, and within a word that is wider than a line. */
  wrap(text: string, width: number, ink: Ink = {}): string[] {
    return text.split(/\r\n?|\n/).flatMap((row) => this.#wrapRow(row, width, ink));
  }

  #wrapRow(row: string, width: number, ink: Ink): string[] {
    const space = this.widthOf(' ', ink);
    const done: string[] = [];
    let line = '';
    let used = 0;
    for (const word of row.split(/[ \t]+/).flatMap((whole) => this.#pieces(whole, width, ink))) {
      const size = this.widthOf(word, ink);
      if (line !== '' && used + space + size > width + hair) {
        done.push(line);
        line = '';
      }
      used = line === '' ? size : used + space + size;
      line = line === '' ? word : `${line} ${word}`;
    }
    return [...done, line];
  }

  #pieces(word: string, width: number, ink: Ink): string[] {
    if (this.widthOf(word, ink) <= width + hair) return [word];
    const pieces: string[] = [];
    let piece = '';
    let used = 0;
    for (const character of word) {
      const size = this.widthOf(character, ink);
      if (piece !== '' && used + size > width) {
        pieces.push(piece);
        piece = '';
        used = 0;
      }
      piece += character;
      used += size;
    }
    return [...pieces, piece];
  }

  /** Writes the foot of every sheet (`y` is set to its top) and answers the file. */
  async finish(foot: (sheet: number, of: number) => void): Promise<Uint8Array> {
    const { count } = this.#sheets.bufferedPageRange();
    for (let sheet = 0; sheet < count; sheet++) {
      this.#sheets.switchToPage(sheet);
      this.y = this.bottom + 16;
      foot(sheet + 1, count);
    }
    const file = new Promise<Uint8Array>((resolve, reject) => {
      const chunks: Buffer[] = [];
      this.#sheets.on('data', (chunk: Buffer) => chunks.push(chunk));
      this.#sheets.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
      this.#sheets.on('error', reject);
    });
    this.#sheets.end();
    return await file;
  }

  #take({ face = 'regular', size = 9, color = '#111827' }: Ink): PDFKit.PDFDocument {
    return this.#sheets.font(faces[face]).fontSize(size).fillColor(color);
  }
}

/** Without control, direction and joining marks, composed, and with the spaces that the font has. */
const printable = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/[\u2000-\u200A\u202F]/g, '\u00A0')
    .replaceAll(/[\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g, '')
    .replaceAll(/\p{Cc}+/gu, ' ');
