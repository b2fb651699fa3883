// `fabrix sflow`: datagrams of sFlow agents, read, replayed and copied on.
#include <string>
#include <string_view>

#include "app/sflow_verbs.h"

namespace fabrix::app {
namespace {

constexpr std::string_view kUsage =
    "usage: fabrix sflow decode FILE|--listen ADDRESS[:PORT] [--json | --csv | --pcap]\n"
    "       fabrix sflow flows FILE [--keys KEYS] [--value VALUE] [--filter FILTER] [--top N]\n"
    "       fabrix sflow analyze [--listen ADDRESS[:PORT]] [--rest ADDRESS[:PORT]]\n"
    "       fabrix sflow replay FILE --to ADDRESS[:PORT][,...] [--speed X]\n"
    "       fabrix sflow forward --listen ADDRESS[:PORT] --to ADDRESS[:PORT][,...]\n"
    "\n"
    "Datagrams of sFlow version 5, from captures (pcap, pcapng) or from agents: what they say,\n"
    "the flows in them, measured and asked about as they come, sent again as they once came, or\n"
    "copied on. fabrix sflow VERB --help says more.\n";

}  // namespace

ExitCode sflow_command(Words words) {
  if (words.empty()) return misused(kUsage);
  if (words[0] == "--help" || words[0] == "-h") return explain(kUsage);
  const auto verb = complete(words[0], {"decode", "flows", "analyze", "replay", "forward"});
  if (!verb) return complain(ExitCode::kUsage, "sflow: " + verb.error().message);
  const Words rest = words.subspan(1);
  if (*verb == "flows") return sflow_flows(rest);
  if (*verb == "analyze") return sflow_analyze(rest);
  if (*verb == "replay") return sflow_replay(rest);
  return *verb == "forward" ? sflow_forward(rest) : sflow_decode(rest);
}

}  // namespace fabrix::app
