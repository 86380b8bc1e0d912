/** `postern ask …`: one subcommand a question. What a question does lives in `commands/ask/`, loaded when it is asked. */
import { type Command, Option } from "commander";

/** @param end is told the exit code. */
export function addAsk(program: Command, end: (exitCode: number) => void): void {
  const ask = program
    .command("ask")
    .description("questions about all packets, answered with proofs")
    .helpCommand(false);
  const family = (): Option =>
    new Option("--family <family>", "read every file as this family").choices(["ipv4", "ipv6"]);
  const json = ["--json", "print the answer as JSON"] as const;
  /** A question of the rules in one file. */
  const ofFile = (name: string, description: string): Command =>
    ask
      .command(name)
      .description(description)
      .argument("<file>", "a restore file or dump, or - for standard input")
      .addOption(family())
      .option(...json);
  /** A question of a host, the words behind its name being its first argument. */
  const ofHost = (
    name: string,
    description: string,
    first?: readonly [name: string, about: string],
  ): Command => {
    const command = ask.command(name).description(description);
    if (first !== undefined) command.argument(...first);
    return command
      .argument(
        "<subject...>",
        "rules, and the host's listings of addresses, routes and ipsets; files or folders",
      )
      .addOption(family().default("ipv4"))
      .option(...json);
  };

  ofFile("permitted", "how many (source, destination, protocol, ports) a chain accepts of new connections")
    .requiredOption("--chain <chain>", "the chain that packets enter")
    .action(async (file: string, options) => {
      const { askPermitted } = await import("./commands/ask/permitted.ts");
      end(await askPermitted(file, options));
    });

  ask
    .command("diff")
    .description("which packets end otherwise under a second ruleset")
    .argument("<before>", "a restore file or dump")
    .argument("<after>", "another")
    .option("--chain <chain>", "only packets that enter this chain")
    .addOption(family())
    .option(...json)
    .action(async (before: string, after: string, options) => {
      const { askDiff } = await import("./commands/ask/diff.ts");
      end(await askDiff(before, after, options));
    });

  ofFile("shadow", "rules that no packet gets to, and rules that could go, with the rules that make it so")
    .option("--chain <chain>", "only rules of this chain")
    .action(async (file: string, options) => {
      const { askShadow } = await import("./commands/ask/shadow.ts");
      end(await askShadow(file, options));
    });

  ofHost(
    "exposure",
    "every service that a new connection from an interface reaches, with backends and sources",
  )
    .requiredOption("--from <interface>", "the interface that packets come in by")
    .action(async (subjects: string[], options) => {
      const { askExposure } = await import("./commands/ask/exposure.ts");
      end(await askExposure(subjects, options));
    });

  ofFile("spoof", "for each interface, whether packets with sources that do not live behind it get through")
    .requiredOption("--interfaces <file>", "JSON: each interface with the prefixes that live behind it")
    .option("--chain <chain>", "the chain that packets enter", "FORWARD")
    .addOption(
      new Option("--state <state>", "the connection state that they have there")
        .choices(["new", "established", "related", "invalid", "untracked", "any"])
        .default("new"),
    )
    .action(async (file: string, options) => {
      const { askSpoof } = await import("./commands/ask/spoof.ts");
      end(await askSpoof(file, options));
    });

  ofFile(
    "services",
    "the groups of addresses that a chain treats alike for one service, and who reaches whom",
  )
    .requiredOption("--chain <chain>", "the chain that packets enter")
    .requiredOption("--service <service>", "such as tcp/22, udp/domain, icmp/8 or esp")
    .option(
      "--interfaces <file>",
      "JSON: each interface with the prefixes behind it; packets come in and leave by those",
    )
    .option("--dot", "print the groups as a graph for Graphviz")
    .action(async (file: string, options) => {
      const { askServices } = await import("./commands/ask/services.ts");
      end(await askServices(file, options));
    });

  ofFile("invalid", "which packets that connection tracking calls INVALID are accepted, by chain").action(
    async (file: string, options) => {
      const { askInvalid } = await import("./commands/ask/invalid.ts");
      end(await askInvalid(file, options));
    },
  );

  ofFile(
    "lockout",
    "whether every connection from the administrators' addresses to a TCP port of this host works",
  )
    .requiredOption("--admin <addresses>", "where administrators come from: prefixes, separated by commas")
    .option("--port <port>", "the TCP port that they come to", "22")
    .option("--interface <name>", "the interface that they come in by; absent, whichever")
    .option("--to <address>", "the host's address that they come to; absent, whichever")
    .action(async (file: string, options) => {
      const { askLockout } = await import("./commands/ask/lockout.ts");
      end(await askLockout(file, options));
    });

  ofHost("reach", "whether a set of packets gets through: where they end, and what stops the others", [
    "<packets>",
    'such as "from 10.0.0.0/8 to 192.0.2.10 tcp:443 in eth0"',
  ]).action(async (packets: string, subjects: string[], options) => {
    const { askReach } = await import("./commands/ask/reach.ts");
    end(await askReach(packets, subjects, options));
  });

  ofHost("who-can", "from where, interface by interface, a set of packets gets through", [
    "<packets>",
    'such as "to 192.0.2.10 tcp:443"',
  ]).action(async (packets: string, subjects: string[], options) => {
    const { askWhoCan } = await import("./commands/ask/reach.ts");
    end(await askWhoCan(packets, subjects, options));
  });
}
