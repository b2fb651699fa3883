// Draft: what an import found out about an exchange, and how that becomes an exchange.yaml that
// load() takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "exchange/exchange.h"
#include "exchange/settings.h"
#include "interchange/remark.h"
#include "net/asn.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"

namespace fabrix::interchange {

struct DraftRouter {
  std::optional<net::MacAddress> mac;  // none, taken, or no router's: a placeholder
  std::vector<net::IpAddress> addresses;
};

struct DraftParticipant {
  std::string name;  // any text
  net::Asn asn;
  std::vector<exchange::Setting> session;  // values as YAML
  std::vector<exchange::Setting> import;
  std::vector<DraftRouter> routers;
  std::vector<std::string> comments;
};

struct Draft {
  std::string source;  // the file's name, for remarks and the first line
  std::string name;    // any text
  net::Asn asn;
  std::optional<net::IpAddress> router_id;  // none: its first IPv4 address
  std::vector<net::Prefix> lan;             // none: guessed
  std::vector<net::IpAddress> addresses;    // of the route server; none: a placeholder
  std::optional<std::uint16_t> port;
  exchange::PolicyPreset preset = exchange::PolicyPreset::kMinimal;
  std::vector<exchange::Setting> session;  // the defaults
  std::vector<exchange::Setting> import;
  std::vector<DraftParticipant> participants;
  Remarks remarks;
};

struct Imported {
  std::string yaml;  // load() takes it
  Remarks remarks;   // what has no counterpart, and what is a placeholder; also in the comments
};

// Fails with what load() says about the text, if the draft contradicts itself: an address that two
// have, an AS number that nobody can have, more routers than there can be.
Result<Imported, Remarks> finish(Draft draft);

}  // namespace fabrix::interchange
