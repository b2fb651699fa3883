#include "lab/bird.h"

#include <cstddef>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "io/file.h"
#include "lab/plan.h"
#include "lab/program.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kConfiguration = "bird.conf";
constexpr std::string_view kLog = "bird.log";
constexpr std::string_view kPidFile = "bird.pid";
constexpr std::string_view kSocket = "bird.ctl";

// Static routes are for the world, not for ourselves: the kernel has the address on lo.
constexpr std::string_view kHead = R"(log "{log}" all;
router id {router_id};

protocol device {{ }}
protocol kernel kernel4 {{ ipv4 {{ import none; export where source = RTS_BGP; }}; }}
protocol kernel kernel6 {{ ipv6 {{ import none; export where source = RTS_BGP; }}; }}

)";

constexpr std::string_view kOrigin = "protocol static p{} {{ {}; route {} blackhole; }}\n";

// BIRD does not ask for the neighbour's AS at the head of the path unless told to, which suits a
// transparent route server (RFC 7947 §2.2.2.1).
constexpr std::string_view kSession = R"(
protocol bgp session{number} {{
  local {local} as {asn};
  neighbor {neighbor} port {port} as {neighbor_asn};
  direct;
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
{channels}}}
)";

constexpr std::string_view kChannel =
    "  {family} {{ gateway direct; {more}import all; export where source = RTS_STATIC; }};\n";

std::string channels_of(const Session& session) {
  std::string text;
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    if (!session.carries(family)) continue;
    const bool extended = family != session.local.family();
    text += fmt::format(kChannel, fmt::arg("family", word_of(family)),
                        fmt::arg("more", extended ? "extended next hop; " : ""));
  }
  return text;
}

}  // namespace

std::string bird_configuration(const RouterPlan& plan) {
  std::string text;
  const auto end = std::back_inserter(text);
  fmt::format_to(end, kHead, fmt::arg("log", file_of(plan, kLog)),
                 fmt::arg("router_id", plan.router_id.to_string()));
  for (std::size_t index = 0; index < plan.prefixes.size(); ++index) {
    const net::Prefix& prefix = plan.prefixes[index];
    fmt::format_to(end, kOrigin, index + 1, word_of(prefix.family()), prefix.to_string());
  }
  std::size_t number = 0;
  for (const Session& session : sessions_of(plan)) {
    fmt::format_to(end, kSession, fmt::arg("number", ++number),
                   fmt::arg("local", session.local.to_string()), fmt::arg("asn", plan.asn.value),
                   fmt::arg("neighbor", session.route_server.to_string()),
                   fmt::arg("port", plan.route_server_port),
                   fmt::arg("neighbor_asn", plan.route_server_asn.value),
                   fmt::arg("channels", channels_of(session)));
  }
  return text;
}

// BIRD refuses a bad configuration and opens its socket before it detaches itself.
Result<void> BirdDaemon::start() {
  const std::string path = file_of(plan_, kConfiguration);
  if (auto done = io::write_file_atomically(path, bird_configuration(plan_)); !done) return done;
  const auto started =
      run_program({"bird",
                   {"-c", path, "-s", file_of(plan_, kSocket), "-P", file_of(plan_, kPidFile)},
                   plan_.network_namespace});
  if (!started) return fail(started.error());
  return {};
}

Result<bool> BirdDaemon::is_established() {
  FABRIX_TRY(const std::string answer, ask({"show", "protocols"}));
  std::istringstream lines(answer);
  std::size_t established = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("session") && line.find("Established") != std::string::npos) {
      ++established;
    }
  }
  return established == sessions_of(plan_).size();
}

Result<void> BirdDaemon::announce(const net::Prefix& prefix) {
  return set_state(prefix, "enable");
}

Result<void> BirdDaemon::withdraw(const net::Prefix& prefix) {
  return set_state(prefix, "disable");
}

std::vector<std::string> BirdDaemon::logs() const {
  return {file_of(plan_, kLog), file_of(plan_, kConfiguration)};
}

Result<std::string> BirdDaemon::ask(std::vector<std::string> words) const {
  words.insert(words.begin(), {"-s", file_of(plan_, kSocket)});
  return run_program({"birdc", std::move(words), {}});
}

// What is enabled or disabled already is fine with birdc.
Result<void> BirdDaemon::set_state(const net::Prefix& prefix, const std::string& state) {
  FABRIX_TRY(const std::size_t index, index_of(plan_, prefix));
  const auto answer = ask({state, fmt::format("p{}", index + 1)});
  if (!answer) return fail(answer.error());
  return {};
}

}  // namespace fabrix::lab
