/** The command line: verbs, options and help. What a verb does lives in `commands/`, loaded when it is called. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { InvariantError } from "../base/index.ts";
import { addAsk } from "./ask-program.ts";
import { Failure } from "./failure.ts";
import { writeOut } from "./output.ts";
import { wrapLines } from "./report.ts";
import { packageVersion } from "./version.ts";

/** @returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  // Help and version are short, and written below like everything else, where a full disk is noticed.
  let printed = "";
  const program = new Command("postern")
    .description("Operate iptables/netfilter firewalls so that every change produces evidence.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .showHelpAfterError('("postern --help" lists the commands)')
    .exitOverride()
    // Long option names would otherwise leave too little room to wrap at all.
    .configureHelp({ helpWidth: 80, minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      writeErr: (text) => process.stderr.write(wrapLines(text.replace(/^error: /, "postern: "))),
    });
  const family = (): Option =>
    new Option("--family <family>", "read every file as this family").choices(["ipv4", "ipv6"]);

  program
    .command("check")
    .description("say everything that is wrong with rules, without touching a host")
    .argument("<subject...>", "restore files, iptables-save dumps, folders of them, or - for standard input")
    .addOption(family())
    .option("--map", "also draw which chain leads to which")
    .addOption(new Option("--json", "print the findings as JSON").conflicts("sarif"))
    .option("--sarif", "print the findings as SARIF 2.1.0, for editors and code hosts")
    .action(async (subjects: string[], options) => {
      const { check } = await import("./commands/check.ts");
      exitCode = await check(subjects, options);
    });

  program
    .command("fmt")
    .description("print rules in canonical layout, comments kept")
    .argument("<file...>", "restore files, or - for standard input")
    .addOption(family())
    .addOption(
      new Option("--as-saved", "print what iptables-save prints after loading the file").conflicts([
        "write",
        "check",
      ]),
    )
    .addOption(new Option("--write", "write the files in place").conflicts("check"))
    .option("--check", "only say which files are not in canonical layout")
    .option("--json", "print the outcome as JSON")
    .action(async (files: string[], options) => {
      const { fmt } = await import("./commands/fmt.ts");
      exitCode = await fmt(files, options);
    });

  program
    .command("simulate")
    .description("run a case, a host with packets, through the machine and print what its counters show")
    .argument("<case>", "a case file in JSON, or - for standard input")
    .addOption(new Option("--backend <backend>", "in place of the case's own").choices(["legacy", "nft"]))
    .option("--json", "the output is JSON in any case")
    .action(async (path: string, options) => {
      const { simulate } = await import("./commands/simulate.ts");
      exitCode = await simulate(path, options);
    });

  const repeated = (value: string, before: readonly string[] | undefined): string[] => [
    ...(before ?? []),
    value,
  ];
  program
    .command("trace")
    .description("tell one packet's journey through a host: every hook, table and deciding rule, and why")
    .argument(
      "<packet>",
      'such as "tcp 203.0.113.7 > 192.0.2.10:443 in eth0"; "postern help packet" has more',
    )
    .argument(
      "<subject...>",
      "rules, and the host's listings of addresses, routes, ipsets, sysctls and conntrack; files or folders",
    )
    .addOption(new Option("--backend <backend>", "in place of what the dump says").choices(["legacy", "nft"]))
    .option("--address <device=address>", "an address of the host, such as eth0=192.0.2.1/24", repeated)
    .option(
      "--route <route>",
      'a route as `ip route` lists it, such as "default via 192.0.2.254 dev eth0"',
      repeated,
    )
    .option(
      "--rule <rule>",
      'a routing rule as `ip rule` lists it, such as "100: from all fwmark 0x1 lookup 10"',
      repeated,
    )
    .option("--sysctl <key=value>", "a setting of the host, such as net.ipv4.ip_forward=1", repeated)
    .option(
      "--listen <proto:port>",
      "a port that somebody listens on, such as tcp:22; none: no other",
      repeated,
    )
    .option("--json", "print the steps as JSON")
    .action(async (packet: string, subjects: string[], options) => {
      const { trace } = await import("./commands/trace.ts");
      exitCode = await trace(packet, subjects, options);
    });

  program
    .command("replay")
    .description(
      "send a capture's packets through rules: verdicts, busiest rules, and what a second ruleset changes",
    )
    .argument("<capture>", "a pcap or pcapng file, or - for standard input")
    .argument("<file>", "a restore file or dump, or a folder with it and the host's listings")
    .argument("[file2]", "another, to compare")
    .addOption(
      new Option(
        "--hook <hook>",
        "the hook that all packets pass (FORWARD unless the host's addresses and routes are listed)",
      ).choices(["INPUT", "FORWARD", "OUTPUT"]),
    )
    .option("--in <interface>", "the interface that all packets come in by")
    .option("--out <interface>", "the interface that all packets leave by")
    .option("--stateless", "no conntrack: TCP is NEW or ESTABLISHED by its flags, everything else NEW")
    .addOption(new Option("--backend <backend>", "in place of what the dump says").choices(["legacy", "nft"]))
    .addOption(new Option("--top <count>", "how many rules to list").argParser(wholeNumber).default(10))
    .addOption(
      new Option("--packets <count>", "list the first packets, each with its verdict").argParser(wholeNumber),
    )
    .option("--connections", "list every connection with what became of its packets")
    .option("--json", "print the outcome as JSON")
    .action(async (capture: string, file: string, second: string | undefined, options) => {
      const { replay } = await import("./commands/replay.ts");
      exitCode = await replay(capture, second === undefined ? [file] : [file, second], options);
    });

  addAsk(program, (code) => {
    exitCode = code;
  });

  program
    .command("help")
    .description("explain a finding, an extension or a command, offline")
    .argument("[topic]", "a code such as syntax/open-quote, an extension such as multiport, or a command")
    .action(async (topic: string | undefined) => {
      const command = program.commands.find((each) => each.name() === topic);
      if (topic === undefined || command !== undefined) printed += (command ?? program).helpInformation();
      else {
        const { help } = await import("./commands/help.ts");
        exitCode = await help(topic);
      }
    });

  program
    .command("completion")
    .description("print a completion script for a shell")
    .addArgument(program.createArgument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell: "bash" | "zsh" | "fish") => {
      const { completion } = await import("./commands/completion.ts");
      printed += completion(shell, program);
    });

  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (reason) {
    exitCode = exitCodeOf(reason);
  }
  if (printed === "") return exitCode;
  try {
    await writeOut(printed);
  } catch (reason) {
    exitCode = exitCodeOf(reason);
  }
  return exitCode;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It is not a whole number.");
  return Number(text);
}

function exitCodeOf(reason: unknown): number {
  if (reason instanceof CommanderError) return reason.exitCode === 0 ? 0 : 2;
  if (reason instanceof Failure) {
    process.stderr.write(wrapLines(`postern: ${reason.message}\n`));
    return reason.exitCode;
  }
  const what =
    reason instanceof InvariantError || !(reason instanceof Error)
      ? String(reason)
      : `${reason.name}: ${reason.message}`;
  process.stderr.write(
    `postern: a mistake in Postern itself, nothing was changed: ${what}\nPlease report it with the input that caused it.\n`,
  );
  return 3;
}
