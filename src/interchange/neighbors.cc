#include "interchange/neighbors.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "interchange/json_cursor.h"

namespace fabrix::interchange {
namespace {

bool is_unspecified(const net::IpAddress& address) {
  return address == net::IpAddress::unspecified(address.family());
}

void read_listen(const JsonCursor& listen, Draft& draft) {
  for (const JsonCursor& one : listen.items()) {
    const auto address = one.address();
    if (address && !is_unspecified(*address)) draft.addresses.push_back(*address);
  }
}

// None, and a remark, if there is no telling who it is.
std::optional<DraftParticipant> read_neighbor(const JsonCursor& neighbor) {
  const auto address = neighbor["address"].address();
  const auto asn = neighbor["asn"].asn();
  if (!address || !asn) {
    neighbor.remark("a neighbor needs an address and an asn");
    return std::nullopt;
  }
  DraftParticipant participant;
  participant.name = neighbor["name"].text().value_or("");
  participant.asn = *asn;
  participant.routers.push_back({.mac = std::nullopt, .addresses = {*address}});
  const auto passive = neighbor["passive"].flag();
  if (passive == false) participant.session.push_back({"dial", "active"});
  return participant;
}

void read_neighbors(const JsonCursor& neighbors, Draft& draft) {
  std::set<net::IpAddress> seen(draft.addresses.begin(), draft.addresses.end());
  for (const JsonCursor& one : neighbors.items()) {
    auto participant = read_neighbor(one);
    if (!participant) continue;
    const net::IpAddress address = participant->routers.front().addresses.front();
    if (!seen.insert(address).second) {
      one.remark(fmt::format("the address {} is somebody else's already", address.to_string()));
      continue;
    }
    draft.participants.push_back(*std::move(participant));
  }
}

}  // namespace

Result<Imported, Remarks> import_neighbors(std::string_view text, std::string_view file,
                                           exchange::PolicyPreset preset) {
  const auto document = parse_json(text, file);
  if (!document) return fail(Remarks{document.error()});
  Remarks wrong;
  const JsonCursor root(*document, file, wrong);
  Draft draft;
  draft.source = file;
  draft.name = "imported";
  draft.preset = preset;
  read_listen(root["listen"], draft);
  const auto port = root["port"].number(0xffff);
  if (port && *port > 0) draft.port = static_cast<std::uint16_t>(*port);
  const auto asn = root["rs_as"].asn();
  if (!asn) root["rs_as"].remark("the route server needs an AS number");
  draft.asn = asn.value_or(net::Asn{});
  draft.router_id = root["router_id"].address();
  if (!root["neighbors"].is_somewhere()) root["neighbors"].remark("there is no list of neighbors");
  read_neighbors(root["neighbors"], draft);
  // A list that somebody else's program wrote is right or it is not: half of it is of no use.
  if (!wrong.empty()) return fail(std::move(wrong));
  return finish(std::move(draft));
}

}  // namespace fabrix::interchange
