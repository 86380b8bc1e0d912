import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeAtomically } from "./atomic-write.ts";

test("a file that stands where ours would be written is left alone, and so is the real one", () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-atomic-"));
  try {
    const path = join(folder, "rules.v4");
    const other = join(folder, `.rules.v4.${process.pid}.new`);
    writeFileSync(path, "old");
    writeFileSync(other, "somebody else's");
    expect(() => writeAtomically(path, "new")).toThrow("it is as it was");
    expect(readFileSync(other, "utf8")).toBe("somebody else's");
    expect(readFileSync(path, "utf8")).toBe("old");
    rmSync(other);
    writeAtomically(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
