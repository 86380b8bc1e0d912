/**
 * Reads what `ipset restore` reads, which includes what `ipset save` prints, and gives the sets that it leaves
 * behind on a host that had none.
 *
 * As ipset does: `"` switches quoting on and off and nothing escapes it; a comment is a line that begins with `#`;
 * commands may be short (`-A`), long (`--add`) or bare (`add`). Where restore would stop, we say so and go on.
 */
import type { Diagnostic, Span } from "../base/index.ts";
import { IP_SET_TYPES, type IpSet, type IpSetElement, type IpSetOptions, type IpSetType } from "./ipset.ts";
import { type ElementPart, PART_EXPECTED, parseElementPart, printElementParts } from "./ipset-element.ts";
import { BAD_COMMAND, OptionReader, REFUSED } from "./ipset-options.ts";
import { Findings, forEachLine, partOf, quote, quotedWordsBetween, type Word } from "./words.ts";

export interface IpSetListing {
  readonly sets: readonly IpSet[];
  readonly diagnostics: readonly Diagnostic[];
}

interface SetDraft {
  name: string;
  readonly type: IpSetType;
  readonly options: IpSetOptions;
  /** By canonical text, so that adding twice and deleting are found at once. */
  readonly elements: Map<string, IpSetElement>;
  /** Some element was a range or a prefix. Deleting a part of it is not followed. */
  hasRanges: boolean;
  readonly span: Span;
}

const BAD_ELEMENT = "hoststate/bad-ipset-element";

const COMMANDS: ReadonlyMap<string, string> = new Map(
  [
    "create create -N --create new --new n",
    "add add -A --add a",
    "del del -D --del d",
    "flush flush -F --flush f",
    "destroy destroy -X --destroy x",
    "swap swap -W --swap w",
    "rename rename -E --rename e",
  ].flatMap((row) => {
    const [command = "", ...names] = row.split(" ");
    return names.map((name): [string, string] => [name, command]);
  }),
);
const OLD_TYPES: ReadonlyMap<string, IpSetType> = new Map([
  ["ipmap", "bitmap:ip"],
  ["macipmap", "bitmap:ip,mac"],
  ["portmap", "bitmap:port"],
  ["iphash", "hash:ip"],
  ["nethash", "hash:net"],
  ["ipporthash", "hash:ip,port"],
  ["ipportiphash", "hash:ip,port,ip"],
  ["ipportnethash", "hash:ip,port,net"],
  ["setlist", "list:set"],
]);
const LONGEST_NAME = 31;

/** Reads all commands; one with an error changes nothing, and the diagnostic says so by its span. */
export function parseIpSets(text: string, source: string): IpSetListing {
  const reader = new RestoreReader(text, source);
  forEachLine(text, (start, end) => reader.line(start, end));
  const sets = [...reader.sets.values()].map(({ name, type, options, elements, span }): IpSet => {
    return { name, type, options, elements: [...elements.values()], span };
  });
  return { sets, diagnostics: reader.findings.diagnostics };
}

class RestoreReader {
  readonly sets = new Map<string, SetDraft>();
  readonly findings: Findings;
  readonly #text: string;
  readonly #source: string;

  constructor(text: string, source: string) {
    this.#text = text;
    this.#source = source;
    this.findings = new Findings(source);
  }

  line(start: number, end: number): void {
    const { words: all, closed } = quotedWordsBetween(this.#text, start, end);
    const first = all[0];
    if (first === undefined || this.#text.charAt(first.start) === "#") return;
    const line: Word = { text: "", start: first.start, end: (all[all.length - 1] as Word).end };
    if (!closed) {
      this.findings.error(
        BAD_COMMAND,
        line,
        "a quote is opened and not closed",
        'end the comment with `"`; ipset cannot write a quote inside it',
      );
      return;
    }
    const words = all.filter((word) => !isExist(word));
    const exist = words.length < all.length;
    const command = words.shift();
    if (command === undefined || (command.text === "COMMIT" && words.length === 0)) return;
    const name = COMMANDS.get(command.text);
    switch (name) {
      case "create":
        this.#create(words, line, exist);
        return;
      case "add":
        this.#add(words, line, exist);
        return;
      case "del":
        this.#delete(words, line, exist);
        return;
      case "flush":
      case "destroy":
        this.#clear(name, words, line);
        return;
      case "swap":
      case "rename":
        this.#move(name, words, line);
        return;
      default: {
        const hint = "restore knows create, add, del, flush, destroy, swap and rename";
        this.findings.error(
          BAD_COMMAND,
          command,
          `${quote(command.text)} is not a command that changes sets`,
          hint,
        );
      }
    }
  }

  #existing(word: Word | undefined, line: Word): SetDraft | undefined {
    if (word === undefined) {
      return this.findings.error(
        BAD_COMMAND,
        line,
        "this command names no set",
        "write the set's name after the command",
      );
    }
    const found = this.sets.get(word.text);
    if (found !== undefined) return found;
    const message = `no set ${quote(word.text)} has been created above`;
    return this.findings.error(
      "hoststate/unknown-set",
      word,
      message,
      `put \`create ${word.text} TYPE\` before this line`,
    );
  }

  #tooMany(words: readonly Word[], allowed: number): boolean {
    const extra = words[allowed];
    if (extra === undefined) return false;
    this.findings.error(
      BAD_COMMAND,
      extra,
      `${quote(extra.text)} is one word too many`,
      "write one command a line",
    );
    return true;
  }

  #clear(command: "flush" | "destroy", words: readonly Word[], line: Word): void {
    if (this.#tooMany(words, 1)) return;
    const name = words[0];
    if (name === undefined) {
      const used = [...this.sets.values()].find((each) => this.#isUsed(each));
      if (command === "destroy" && used !== undefined) this.#refuseUsed("destroyed", used, line);
      else if (command === "destroy") this.sets.clear();
      else for (const draft of this.sets.values()) draft.elements.clear();
      return;
    }
    const draft = this.#existing(name, line);
    if (draft === undefined) return;
    if (command === "flush") draft.elements.clear();
    else if (this.#isUsed(draft)) this.#refuseUsed("destroyed", draft, name);
    else this.sets.delete(name.text);
  }

  /** A list holds its members: as long as it does, they can be neither destroyed nor renamed. */
  #isUsed({ name }: SetDraft): boolean {
    const key = printElementParts([{ kind: "set", name }]);
    return [...this.sets.values()].some(({ type, elements }) => type === "list:set" && elements.has(key));
  }

  #refuseUsed(what: "destroyed" | "renamed", { name }: SetDraft, place: Word): void {
    const message = `${quote(name)} cannot be ${what} while a list:set holds it`;
    this.findings.error(REFUSED, place, message, "take it out of the list first: `del LIST NAME`");
  }

  #move(command: "swap" | "rename", words: readonly Word[], line: Word): void {
    if (this.#tooMany(words, 2)) return;
    const from = this.#existing(words[0], line);
    if (from === undefined) return;
    const target = words[1];
    if (command === "swap") {
      const to = this.#existing(target, line);
      if (to === undefined || target === undefined) return;
      if (from.type !== to.type) {
        const message = `a ${from.type} and a ${to.type} cannot be swapped`;
        this.findings.error(REFUSED, line, message, "create both sets with the same type");
        return;
      }
      const name = from.name;
      from.name = to.name;
      to.name = name;
      this.sets.set(from.name, from).set(to.name, to);
      return;
    }
    if (!this.#freeName(target, line) || target === undefined) return;
    if (this.#isUsed(from)) {
      this.#refuseUsed("renamed", from, line);
      return;
    }
    this.sets.delete(from.name);
    from.name = target.text;
    this.sets.set(from.name, from);
  }

  #freeName(word: Word | undefined, line: Word): boolean {
    if (word === undefined || word.text === "" || word.text.length > LONGEST_NAME) {
      const message =
        word === undefined ? "this command lacks a set's name" : `${quote(word.text)} is not a set's name`;
      this.findings.error(BAD_COMMAND, word ?? line, message, `a name has 1 to ${LONGEST_NAME} characters`);
      return false;
    }
    if (!this.sets.has(word.text)) return true;
    this.findings.error(
      REFUSED,
      word,
      `a set ${quote(word.text)} exists already`,
      "destroy it first, or add `-exist`",
    );
    return false;
  }

  #create(words: readonly Word[], line: Word, exist: boolean): void {
    const [name, typeWord, ...rest] = words;
    const existing = this.sets.get(name?.text ?? "");
    if ((existing === undefined || !exist) && !this.#freeName(name, line)) return;
    const type = typeOf(typeWord?.text ?? "");
    if (name === undefined || typeWord === undefined || type === undefined) {
      const message =
        typeWord === undefined ? "this set has no type" : `${quote(typeWord.text)} is not a type of set`;
      this.findings.error(
        BAD_COMMAND,
        typeWord ?? line,
        message,
        "write a type such as `hash:ip` or `hash:net,port`",
      );
      return;
    }
    const options = new OptionReader(this.findings, rest).create(type, line);
    if (options === undefined) return;
    if (existing === undefined) {
      const span = { source: this.#source, start: line.start, end: line.end };
      this.sets.set(name.text, {
        name: name.text,
        type,
        options,
        elements: new Map(),
        hasRanges: false,
        span,
      });
    } else if (existing.type !== type) {
      this.findings.error(
        REFUSED,
        line,
        `${quote(name.text)} exists and is a ${existing.type}`,
        "`-exist` needs the same type and options",
      );
    }
  }

  #add(words: readonly Word[], line: Word, exist: boolean): void {
    const draft = this.#existing(words[0], line);
    if (draft === undefined) return;
    const parts = this.#parts(draft, words[1], line);
    if (parts === undefined || !this.#isAddable(draft, parts, words[1] ?? line)) return;
    const span = { source: this.#source, start: line.start, end: line.end };
    const options = new OptionReader(this.findings, words.slice(2));
    const element = options.element(draft.type, draft.options, parts, span);
    if (element === undefined) return;
    const key = printElementParts(parts);
    if (draft.elements.has(key) && !exist) {
      const message = `${quote(key)} is in ${quote(draft.name)} already`;
      const hint = "restore stops here unless it is run with `-exist`; the later line counts";
      this.findings.warning("hoststate/element-twice", line, message, hint);
    }
    draft.elements.set(key, element);
    if (parts.some((part) => "first" in part && part.first !== part.last)) draft.hasRanges = true;
  }

  /** Whether the set takes such an element: within a bitmap's range, and a member that there is. */
  #isAddable({ name, options: { range } }: SetDraft, parts: readonly ElementPart[], place: Word): boolean {
    const [first] = parts;
    const member = first?.kind === "set" ? this.sets.get(first.name) : undefined;
    if (member?.type === "list:set") {
      const message = `${quote(member.name)} is a list:set, and no list holds another`;
      this.findings.error(REFUSED, place, message, "add the sets that it holds instead");
      return false;
    }
    if (first?.kind === "set" && member === undefined) {
      const message = `no set ${quote(first.name)} has been created above, and ${quote(name)} can hold only sets that there are`;
      const hint = `put \`create ${first.name} TYPE\` before this line`;
      this.findings.error("hoststate/unknown-set", place, message, hint);
      return false;
    }
    if (range === undefined || first === undefined || !("first" in range) || !("first" in first)) return true;
    if (first.first >= range.first && first.last <= range.last) return true;
    const message = `${quote(printElementParts([first]))} is out of the range of ${quote(name)}, ${printElementParts([range])}`;
    this.findings.error(
      BAD_ELEMENT,
      place,
      message,
      "create the set with a wider range, or remove the element",
    );
    return false;
  }

  #delete(words: readonly Word[], line: Word, exist: boolean): void {
    const draft = this.#existing(words[0], line);
    if (draft === undefined) return;
    const parts = this.#parts(draft, words[1], line);
    if (parts === undefined || this.#tooMany(words, 2)) return;
    if (draft.elements.delete(printElementParts(parts)) || (exist && !draft.hasRanges)) return;
    const message = `${quote(words[1]?.text ?? "")} is not an element of ${quote(draft.name)} as one was added`;
    this.findings.error(
      "hoststate/unknown-element",
      words[1] ?? line,
      message,
      "delete exactly what was added; ranges are not split here",
    );
  }

  #parts(draft: SetDraft, word: Word | undefined, line: Word): ElementPart[] | undefined {
    if (word === undefined) {
      return this.findings.error(
        BAD_COMMAND,
        line,
        "this command names no element",
        "write the element after the set's name",
      );
    }
    const kinds = IP_SET_TYPES[draft.type];
    const texts = word.text.split(",");
    const optional = draft.type === "bitmap:ip,mac" ? 1 : 0;
    if (texts.length > kinds.length || texts.length < kinds.length - optional) {
      const message = `${quote(word.text)} has ${texts.length} parts, an element of ${draft.type} has ${kinds.length}`;
      return this.findings.error(BAD_ELEMENT, word, message, `write ${kinds.join(",")}`);
    }
    const family = draft.options.family ?? "ipv4";
    const parts: ElementPart[] = [];
    let from = 0;
    for (const [index, text] of texts.entries()) {
      const kind = kinds[index] ?? "set";
      const part = parseElementPart(kind, text, family, draft.type === "bitmap:port");
      if (part === undefined) {
        const place =
          word.end - word.start === word.text.length ? partOf(word, from, from + text.length) : word;
        const message = `${quote(text)} is not ${PART_EXPECTED[kind]}`;
        const which =
          kind === "ip" || kind === "net"
            ? `, ${family === "ipv4" ? "IPv4" : "IPv6"} as the set's family`
            : "";
        return this.findings.error(BAD_ELEMENT, place, message, `write ${PART_EXPECTED[kind]}${which}`);
      }
      parts.push(part);
      from += text.length + 1;
    }
    return parts;
  }
}

function isExist(word: Word): boolean {
  return (
    (word.text === "-exist" || word.text === "-!" || word.text === "--exist") &&
    word.end - word.start === word.text.length
  );
}

function typeOf(text: string): IpSetType | undefined {
  return Object.hasOwn(IP_SET_TYPES, text) ? (text as IpSetType) : OLD_TYPES.get(text);
}
