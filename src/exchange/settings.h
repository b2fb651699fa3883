// Settings: policies as a list of what exchange.yaml would say, key by key. For people: the
// difference that a reload makes, the exchange's policy as a page.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/session_policy.h"

namespace fabrix::exchange {

struct Setting {
  std::string key;    // as in exchange.yaml, with dots: "max_prefix.ipv4"
  std::string value;  // as it could be written there: "8..24", "none", "[174, 3356]"

  friend bool operator==(const Setting&, const Setting&) = default;
};

// All keys, always in the same order, whatever their values. A password is "set" or "none".
std::vector<Setting> settings_of(const SessionPolicy& policy);
std::vector<Setting> settings_of(const ImportPolicy& policy);

// What holds for a range, its session and import among them.
std::vector<Setting> settings_of(const DynamicRange& range);

// The keys of the fabric.
std::vector<Setting> settings_of(const FabricSite& site);

// The keys of sflow.
std::vector<Setting> settings_of(const SflowSite& site);

// The keys of port_security.source_check.
std::vector<Setting> settings_of(const SourceRule& rule);

// The keys of the route server's policy, interface, rpki, flowspec and monitoring.
std::vector<Setting> settings_of(const RouteServerSite& site);

// "192.0.2.1:323" or "[2001:db8::1]:323".
std::string to_string(const ServerAddress& server);

}  // namespace fabrix::exchange
