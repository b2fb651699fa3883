// Writes the cases of tests/bgp/malformed_cases.h as JSON lines, for bench/reliability: one object
// a case, with the message and the member's OPEN in hexadecimal. Standard output only; no failure.
//
//     g++ -std=c++20 -Isrc -I. tests/reliability/malformed_cases_as_json.cc \
//         BUILD/src/bgp/libfabrix_bgp.a BUILD/src/net/libfabrix_net.a \
//         BUILD/src/base/libfabrix_base.a -lfmt -o malformed_cases_as_json
#include <array>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "bgp/session.h"
#include "tests/bgp/malformed_cases.h"

namespace fabrix::bgp {
namespace {

constexpr std::array<const char*, 6> kReactions{"reset",  "withdraw", "discard",
                                                "accept", "ignore",   "closed"};

std::string hex(const Bytes& message) {
  std::string text;
  for (const std::byte octet : message) {
    text += fmt::format("{:02x}", std::to_integer<unsigned>(octet));
  }
  return text;
}

Bytes open_of(const CaseSetup& setup) {
  ByteWriter body;
  encode_open(open_for_case(setup), body);
  return encode_message(MessageType::kOpen, body.view());
}

void print(const MalformedCase& one) {
  const CaseSetup& setup = one.setup;
  fmt::print(
      R"({{"name":"{}","reaction":"{}","code":[{},{}],"established":{},"extended_messages":{},)"
      R"("extended_next_hop":{},"flowspec":{},"role":{},"open":"{}","message":"{}"}})"
      "\n",
      one.name, kReactions[static_cast<std::size_t>(one.reaction)], one.code.code, one.code.subcode,
      setup.stage == CaseSetup::Stage::kEstablished, setup.extended_messages,
      setup.extended_next_hop, setup.flowspec, setup.role, hex(open_of(setup)), hex(one.message));
}

}  // namespace
}  // namespace fabrix::bgp

int main() {
  for (const auto& one : fabrix::bgp::all_malformed_cases()) fabrix::bgp::print(one);
}
