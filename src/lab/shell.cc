#include "lab/shell.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/command.h"
#include "io/namespace.h"
#include "lab/line_editor.h"
#include "lab/throughput.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kHelp =
    "nodes                     the routers, the switch (ix) and the route server (rs)\n"
    "net, links                who is connected where\n"
    "dump                      addresses, daemons, prefixes\n"
    "ROUTER COMMAND...         a command in a router: a1 ping -c1 b1, a1 ip route\n"
    "                          (names of routers stand for their first address)\n"
    "pingall, pingpair         can all (the first two) reach each other on the peering LAN?\n"
    "iperf ROUTER ROUTER       TCP throughput between two routers\n"
    "link ROUTER down|up       pull a cable, put it back\n"
    "trace ROUTER PACKET       trace a1 tcp 100.0.0.1 -> 140.0.0.1:80\n"
    "show WHAT                 status, participants, sessions, routes, classes, policies, rules\n"
    "sh COMMAND...             a command outside the lab\n"
    "exit, quit                leave the shell; the lab goes on running\n";

// Runs a line of /bin/sh on our terminal, in the calling thread's network namespace.
void run_line(const std::string& line) {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  struct sigaction before {};
  sigaction(SIGINT, &ignore, &before);
  std::ignore = std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    sigaction(SIGINT, &before, nullptr);
    execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    _exit(127);
  }
  if (child > 0) waitpid(child, nullptr, 0);
  sigaction(SIGINT, &before, nullptr);
}

std::string joined(std::span<const std::string> words) {
  return fmt::format("{}", fmt::join(words, " "));
}

// The rest of a line after its first word, quotes and all.
std::string after_first_word(const std::string& line) {
  const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
  const auto end = line.find_first_of(" \t", begin);
  return end == std::string::npos ? "" : line.substr(end + 1);
}

const net::IpAddress* first_of(const std::vector<net::IpAddress>& addresses) {
  return addresses.empty() ? nullptr : &addresses.front();
}

}  // namespace

std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = '\0';
  for (const char c : line) {
    const bool blank = c == ' ' || c == '\t';
    if (quote != '\0' && c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
      inside = true;
    } else if (quote == '\0' && blank) {
      if (std::exchange(inside, false)) words.push_back(std::exchange(word, {}));
    } else {
      word += c;
      inside = true;
    }
  }
  if (inside) words.push_back(word);
  return words;
}

void Shell::run() {
  fmt::print("\nLab {}: help lists the commands, exit leaves.\n", lab_.name());
  std::ignore = std::fflush(stdout);
  LineEditor editor("lab> ");
  for (;;) {
    const auto line = editor.read();
    if (!line || execute(*line) == Next::kExit) break;
    std::ignore = std::fflush(stdout);
  }
}

Shell::Next Shell::execute(const std::string& line) {
  using Verb = void (*)(Shell&, const Words&);
  static const std::map<std::string_view, Verb> verbs{
      {"help", [](Shell&, const Words&) { fmt::print("{}", kHelp); }},
      {"nodes", [](Shell& shell, const Words&) { shell.print_nodes(); }},
      {"net", [](Shell& shell, const Words&) { shell.print_net(); }},
      {"ports", [](Shell& shell, const Words&) { shell.print_net(); }},
      {"links", [](Shell& shell, const Words&) { shell.print_links(); }},
      {"dump", [](Shell& shell, const Words&) { shell.dump(); }},
      {"pingall", [](Shell& shell, const Words&) { shell.pingall(); }},
      {"pingpair", [](Shell& shell, const Words&) { shell.pingpair(); }},
      {"iperf", [](Shell& shell, const Words& words) { shell.iperf(words); }},
      {"link", [](Shell& shell, const Words& words) { shell.link(words); }},
      {"trace", [](Shell& shell, const Words& words) { shell.trace(words); }},
      {"show", [](Shell& shell, const Words& words) { shell.show(words); }},
  };
  const Words words = shell_words(line);
  if (words.empty()) return Next::kGoOn;
  const std::string& first = words.front();
  if (first == "exit" || first == "quit" || first == "EOF") return Next::kExit;
  const auto verb = verbs.find(first == "?" ? "help" : first);
  if (verb != verbs.end()) {
    verb->second(*this, words);
  } else if (first == "sh") {
    run_line(after_first_word(line));
  } else if (find_node(first) != nullptr || first == kSwitchNode) {
    run_in(first, words);
  } else {
    fmt::print("*** Unknown command: {} (help lists all)\n", line);
  }
  return Next::kGoOn;
}

const Node* Shell::find_node(std::string_view name) const {
  const auto found = std::ranges::find(lab_.nodes(), name, &Node::name);
  return found == lab_.nodes().end() ? nullptr : &*found;
}

std::vector<const Node*> Shell::routers() const {
  std::vector<const Node*> result;
  for (const Node& node : lab_.nodes()) {
    if (node.name != kServerNode) result.push_back(&node);
  }
  return result;
}

void Shell::print_nodes() const {
  std::string text(kSwitchNode);
  for (const Node& node : lab_.nodes()) text += " " + node.name;
  fmt::print("available nodes are:\n{}\n", text);
}

void Shell::print_net() const {
  std::string ports;
  for (const Node& node : lab_.nodes()) {
    fmt::print("{} {}:{}-{}\n", node.name, kInterface, kSwitchNode, port_name(node.port));
    ports += fmt::format(" {}:{}-{}", port_name(node.port), node.name, kInterface);
  }
  fmt::print("{}{}\n", kSwitchNode, ports);
}

void Shell::print_links() const {
  for (const Node& node : lab_.nodes()) {
    fmt::print("{}-{}<->{}-{}\n", node.name, kInterface, kSwitchNode, port_name(node.port));
  }
}

void Shell::dump() const {
  for (const Node* const node : routers()) {
    const LabRouter& router = *lab_.definition().find_router(node->name);
    std::vector<std::string> lan;
    for (const auto& address : node->lan) lan.push_back(address.to_string());
    std::vector<std::string> prefixes;
    for (const auto& prefix : router.prefixes) prefixes.push_back(prefix.to_string());
    fmt::print("<{} {}: {} {} port={} prefixes={} netns={}>\n", name_of(router.daemon), node->name,
               node->mac.to_string(), fmt::join(lan, ","), node->port.value,
               fmt::join(prefixes, ","), lab_.namespace_of(node->name));
  }
}

bool Shell::ping(const Node& from, const Node& to) const {
  const net::IpAddress* const address = first_of(to.lan);
  if (address == nullptr) return false;
  io::CommandOptions options;
  options.process.argv = {"ping", "-c1", "-W1", address->to_string()};
  options.process.network_namespace = lab_.namespace_of(from.name);
  options.timeout = std::chrono::seconds(5);
  const auto output = io::run_command(options);
  return output && output->status.success();
}

void Shell::pings(const std::vector<const Node*>& nodes) const {
  std::size_t sent = 0;
  std::size_t answered = 0;
  fmt::print("*** Ping: testing ping reachability\n");
  for (const Node* const from : nodes) {
    fmt::print("{} -> ", from->name);
    for (const Node* const to : nodes) {
      if (to == from) continue;
      ++sent;
      const bool reached = ping(*from, *to);
      if (reached) ++answered;
      fmt::print("{} ", reached ? to->name : "X");
      std::ignore = std::fflush(stdout);
    }
    fmt::print("\n");
  }
  if (sent == 0) return;
  fmt::print("*** Results: {}% dropped ({}/{} received)\n", (sent - answered) * 100 / sent,
             answered, sent);
}

void Shell::pingall() const {
  pings(routers());
}

void Shell::pingpair() const {
  auto nodes = routers();
  nodes.resize(std::min<std::size_t>(nodes.size(), 2));
  pings(nodes);
}

void Shell::iperf(const Words& words) const {
  const Node* const from = words.size() == 3 ? find_node(words[1]) : nullptr;
  const Node* const to = words.size() == 3 ? find_node(words[2]) : nullptr;
  if (from == nullptr || to == nullptr || from->lan.empty() || to->lan.empty()) {
    fmt::print("usage: iperf ROUTER ROUTER\n");
    return;
  }
  const auto destination =
      std::ranges::find(to->lan, from->lan.front().family(), &net::IpAddress::family);
  if (destination == to->lan.end()) {
    fmt::print("{} and {} have no addresses of one family\n", from->name, to->name);
    return;
  }
  fmt::print("*** Iperf: testing TCP bandwidth between {} and {}\n", from->name, to->name);
  std::ignore = std::fflush(stdout);
  const auto speed = measure_throughput({.from = {from->name, lab_.namespace_of(from->name)},
                                         .source = from->lan.front(),
                                         .to = {to->name, lab_.namespace_of(to->name)},
                                         .destination = *destination});
  if (speed)
    fmt::print("*** Results: {:.1f} Mbit/s\n", *speed / 1e6);
  else
    fmt::print("*** {}\n", speed.error().message);
}

void Shell::link(const Words& words) {
  // Mininet names both ends: link s1 a1 down.
  const std::string& state = words.back();
  const Node* node = nullptr;
  for (const std::string& word : words) {
    if (find_node(word) != nullptr) node = find_node(word);
  }
  if (node == nullptr || (state != "up" && state != "down")) {
    fmt::print("usage: link ROUTER down|up\n");
    return;
  }
  const auto done =
      set_cable(lab_.name(), node->port, state == "up" ? PowerState::kUp : PowerState::kDown);
  if (!done) fmt::print("*** {}\n", done.error().message);
}

void Shell::trace(const Words& words) const {
  const auto packet = words.size() < 3
                          ? Result<net::Packet>(fail(Error{"usage: trace ROUTER PACKET"}))
                          : net::parse_packet(joined(std::span(words).subspan(2)));
  if (!packet) {
    fmt::print("{}\n", packet.error().message);
    return;
  }
  const auto answer = lab_.trace(words[1], *packet);
  if (!answer)
    fmt::print("{}\n", answer.error().message);
  else
    fmt::print("{}", std::string_view(answer->as_object().at("text").as_string()));
}

// `fabrix show` knows how to print tables: this program's own.
void Shell::show(const Words& words) const {
  run_line(fmt::format("/proc/{}/exe {} --lab {}", getpid(), joined(words), lab_.name()));
}

std::string Shell::with_addresses(const std::string& word) const {
  const Node* const node = find_node(word);
  if (node == nullptr) return word;
  const net::IpAddress* address = first_of(node->loopback);
  if (address == nullptr) address = first_of(node->lan);
  return address == nullptr ? word : address->to_string();
}

void Shell::run_in(std::string_view node, const Words& words) const {
  Words command;
  for (const std::string& word : std::span(words).subspan(1)) {
    command.push_back(with_addresses(word));
  }
  const auto scope = io::NamespaceScope::enter(lab_.namespace_of(node));
  if (!scope)
    fmt::print("*** {}\n", scope.error().message);
  else
    run_line(joined(command));
}

}  // namespace fabrix::lab
