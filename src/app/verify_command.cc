// `fabrix verify`: an audit of a running exchange, or of what an MRT file would have made of one.
#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/exchange_file.h"
#include "io/file.h"
#include "lab/replay.h"
#include "policy/policy.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix verify [--lab NAME | --socket PATH] [--json]\n"
    "       fabrix verify --replay FILE.mrt --exchange EXCHANGE.yaml [--json]\n"
    "\n"
    "Audits a running exchange. Reads back what the fabric really has and compares it with what "
    "it\n"
    "should have; then proves, for all packets, that this is what the policies and routes mean,\n"
    "whatever was proved before. Says what was checked, or what is wrong: which invariant, a "
    "packet\n"
    "that shows it, the clause and the rules. The daemon does nothing else while it proves.\n"
    "\n"
    "--replay needs no daemon: the table dumps and updates of FILE (RFC 6396) go through the "
    "route\n"
    "server, the compiler and the verifier with the exchange's policies; each second of the file "
    "is\n"
    "one batch that is proved. A peer of the file is the session with its address and AS number, "
    "or\n"
    "else a router of the member with its AS number. Says how many updates and rule changes there\n"
    "were, what was refused, and how long it took.\n"
    "\n"
    "Ends with 1 if something is wrong, or the fabric cannot be read.\n";

constexpr std::chrono::seconds kPatience{120};  // a large exchange is proved in some seconds
constexpr std::chrono::milliseconds kPause{50};

// The audit, once the fabric has been read.
Result<json::value, api::AskFailure> audit(const std::string& socket) {
  FABRIX_TRY(auto connection, api::Connection::open(socket, kPatience));
  FABRIX_TRY(auto answer, connection.ask({{"command", "verify"}, {"read", true}}));
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (answer.at("pending").as_bool() && std::chrono::steady_clock::now() < until) {
    FABRIX_TRY(answer, connection.ask({{"command", "verify"}}));
    if (answer.at("pending").as_bool()) std::this_thread::sleep_for(kPause);
  }
  return answer;
}

json::object to_json(const lab::ReplayReport& report) {
  json::array notices;
  for (const std::string& each : report.notices) notices.push_back(json::string(each));
  json::array strangers;
  for (const std::string& each : report.peers.unknown_names) {
    strangers.push_back(json::string(each));
  }
  return {{"records", report.records},
          {"peers", json::object{{"by_address", report.peers.by_address},
                                 {"by_asn", report.peers.by_asn},
                                 {"unknown", report.peers.unknown},
                                 {"unknown_names", std::move(strangers)}}},
          {"updates", report.updates},
          {"unknown", report.unknown},
          {"unusable", report.unusable},
          {"batches", report.batches},
          {"rule_changes", report.rule_changes},
          {"refused", report.refused},
          {"slowest_microseconds", report.slowest.count()},
          {"total_microseconds", report.total.count()},
          {"cut_short", report.is_cut_short},
          {"notices", std::move(notices)}};
}

void print_for_people(const lab::ReplayReport& report) {
  constexpr double kMilli = 1000.0;
  for (const std::string& each : report.notices) fmt::print("{}\n", each);
  fmt::print("peers       {} known by address, {} by AS number, {} unknown\n",
             report.peers.by_address, report.peers.by_asn, report.peers.unknown);
  fmt::print("records     {}: {} updates, {} of unknown peers, {} unusable{}\n", report.records,
             report.updates, report.unknown, report.unusable,
             report.is_cut_short ? "; the file is cut short" : "");
  fmt::print("batches     {}, {:.1f} ms in all, {:.1f} ms the slowest\n", report.batches,
             static_cast<double>(report.total.count()) / kMilli,
             static_cast<double>(report.slowest.count()) / kMilli);
  fmt::print("rules       {} changes\n", report.rule_changes);
  fmt::print("refused     {}\n", report.refused);
}

// The policies that the configuration names.
Result<void> load_policies(controller::Controller& controller, const std::string& exchange_file) {
  const auto directory = std::filesystem::path(exchange_file).parent_path();
  for (const exchange::Participant& each : controller.exchange().participants) {
    if (!each.policy_file) continue;
    const auto path = (directory / *each.policy_file).string();
    FABRIX_TRY(const auto text, io::read_file(path, policy::kMaxPolicySize));
    const auto set = controller.set_policy(each.id, text, *each.policy_file);
    if (!set) return fail(Error{render(set.error(), text)});
  }
  return {};
}

// How archives are packed: what the file begins with, and what unpacks it.
struct Packing {
  std::string_view begins;
  std::string_view unpack;
};
constexpr std::array kPackings{Packing{"\x1f\x8b", "zcat"}, Packing{"BZh", "bzcat"},
                               Packing{"\xfd"
                                       "7zXZ",
                                       "xzcat"}};

std::optional<std::string> complaint_about(const std::string& octets, const std::string& file) {
  for (const Packing& packing : kPackings) {
    if (!octets.starts_with(packing.begins)) continue;
    return fmt::format("{0} is compressed; {1} {0} | fabrix verify --replay /dev/stdin ...", file,
                       packing.unpack);
  }
  return std::nullopt;
}

std::string complaint_about(const lab::ReplayReport::Peers& peers, const std::string& file,
                            const std::string& exchange_file) {
  std::string text = fmt::format("no peer of {} is in {}: the file has {}", file, exchange_file,
                                 fmt::join(peers.unknown_names, ", "));
  if (peers.unknown > peers.unknown_names.size()) {
    text += fmt::format(" and {} more", peers.unknown - peers.unknown_names.size());
  }
  return text +
         "\n        a peer is the session with its address and AS number, or else a router "
         "of the member with that AS number";
}

ExitCode replay(const std::string& file, const std::string& exchange_file, bool as_json) {
  const auto exchange = read_exchange(exchange_file);
  if (!exchange) return exchange.error();
  constexpr std::size_t kMaxFile = std::size_t{8} << 30U;  // a table of millions of routes
  const auto octets = io::read_file(file, kMaxFile);
  if (!octets) return complain(ExitCode::kNotFound, octets.error().message);
  if (const auto complaint = complaint_about(*octets, file)) {
    return complain(ExitCode::kBadInput, *complaint);
  }
  lab::Replay replay(*exchange);
  if (const auto loaded = load_policies(replay.controller(), exchange_file); !loaded) {
    return complain(ExitCode::kBadInput, loaded.error().message);
  }
  const auto report = replay.run(std::as_bytes(std::span(*octets)));
  if (report.peers.all_strangers()) {
    return complain(ExitCode::kBadInput, complaint_about(report.peers, file, exchange_file));
  }
  if (as_json)
    fmt::print("{}\n", json::serialize(to_json(report)));
  else
    print_for_people(report);
  return report.refused == 0 && !report.is_cut_short ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace

ExitCode verify_command(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--socket", "--lab", "--replay", "--exchange"},
                               .switches = {"--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  if (!arguments->words().empty()) return misused(kUsage);
  const auto file = arguments->value("--replay");
  const auto exchange_file = arguments->value("--exchange");
  if (file.has_value() != exchange_file.has_value()) return misused(kUsage);
  if (file) return replay(*file, *exchange_file, arguments->has("--json"));
  const auto answer = audit(socket_path(*arguments));
  if (!answer) return complain(answer.error());
  if (answer->at("pending").as_bool()) {
    return complain(ExitCode::kFailed, "the fabric does not say what it has");
  }
  if (arguments->has("--json"))
    fmt::print("{}\n", json::serialize(*answer));
  else
    fmt::print("{}", json::value_to<std::string>(answer->at("text")));
  return answer->at("right").as_bool() ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace fabrix::app
