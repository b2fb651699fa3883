// A cache that sends anything, in any portions, with any pauses: the client stays a client. It
// speaks whole PDUs only, ends a connection once, keeps what it has handed out, and its data
// expires.
//
// Input: per portion one octet of size, one of time that passes (in units of 32 s), then the
// portion. A size of 255 stands for a well-behaved cache's answer with one VRP and one ASPA, 254
// for the end of the connection and a new one.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/byte_reader.h"
#include "rpki/rtr_client.h"

namespace fabrix::rpki {
namespace {

constexpr std::uint8_t kAnswer = 255;
constexpr std::uint8_t kReconnect = 254;

std::vector<std::byte> answer() {
  const auto prefix = net::Prefix::containing(net::IpAddress::v4({192, 0, 2, 0}), 24).value();
  ByteWriter out;
  encode_pdu({.message = CacheResponse{.session = 1}}, out);
  encode_pdu({.message = VrpChange{.vrp = {prefix, 24, net::Asn{64500}}}}, out);
  encode_pdu({.message = AspaChange{.aspa = {net::Asn{64500}, {net::Asn{64501}}}}}, out);
  encode_pdu({.message = EndOfData{.session = 1, .serial = 1}}, out);
  return out.take();
}

void check(const RtrClient& client, const RtrOutput& output, TimePoint now) {
  std::span<const std::byte> bytes(output.bytes);
  PduSplitter splitter;
  while (!bytes.empty()) {
    const auto pdu = splitter.next(bytes);
    if (!pdu || !*pdu || !decode_pdu(**pdu)) std::abort();
  }
  const auto downs = std::ranges::count_if(
      output.events, [](const RtrEvent& event) { return std::holds_alternative<Down>(event); });
  if (downs > 1 || (downs == 1) != output.close) std::abort();
  const bool down = client.state() == RtrState::kDisconnected;
  if (output.close && (!down || !std::holds_alternative<Down>(output.events.back()))) std::abort();
  if (client.session() && !client.table()) std::abort();
  if ((client.table() == nullptr) != (client.aspas() == nullptr)) std::abort();
  // Data without an end would be used for ever.
  if (client.table() && !client.deadline()) std::abort();
  if (client.deadline() && *client.deadline() < now - std::chrono::hours(48)) std::abort();
}

void run(ByteReader in) {
  RtrClient client({.max_vrps = 100});
  TimePoint now{};
  check(client, client.connected(now), now);
  while (!in.at_end()) {
    const std::uint8_t size = in.u8();
    now += std::chrono::seconds(32 * in.u8());
    check(client, client.timer(now), now);
    if (size == kAnswer) {
      check(client, client.received(answer(), now), now);
    } else if (size == kReconnect) {
      check(client, client.closed("end"), now);
      check(client, client.connected(now), now);
    } else {
      const auto portion = in.bytes(std::min<std::size_t>(size, in.remaining()));
      check(client, client.received(portion, now), now);
    }
  }
}

}  // namespace
}  // namespace fabrix::rpki

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fabrix::rpki::run(fabrix::ByteReader(std::as_bytes(std::span(data, size))));
  return 0;
}
