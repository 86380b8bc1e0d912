/** `postern help TOPIC`: the page of a finding, an extension or a topic. */
import { Failure } from "../failure.ts";
import { writeOut } from "../output.ts";
import { pagesFor, topics } from "../pages.ts";

/** @returns the exit code. */
export async function help(topic: string): Promise<number> {
  const pages = pagesFor(topic);
  if (pages.length === 0) {
    const near =
      topic === "" ? [] : topics().filter((each) => each.toLowerCase().includes(topic.toLowerCase()));
    throw new Failure(
      2,
      `no page about "${topic}"${near.length > 0 ? `; there is ${near.slice(0, 8).join(", ")}` : "; try a finding's code such as syntax/open-quote, or an extension such as multiport"}`,
    );
  }
  await writeOut(pages.join("\n---\n\n"));
  return 0;
}
