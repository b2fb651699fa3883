#include "app/endpoint_text.h"

#include <string>

#include <fmt/format.h>

#include "base/number.h"
#include "daemon/fabric_host.h"
#include "exchange/policy_words.h"
#include "exchange/stream_address.h"

namespace fabrix::app {

Result<io::Endpoint> parse_endpoint(std::string_view text) {
  FABRIX_TRY(const auto server, exchange::parse_stream_address(text));
  return daemon::endpoint_of(server);
}

Result<exchange::FabricType> parse_fabric_type(std::string_view text) {
  for (const auto type : {exchange::FabricType::kLinux, exchange::FabricType::kOpenFlow}) {
    if (text == exchange::name_of(type)) return type;
  }
  return fail(Error{fmt::format("no fabric is called '{}': write linux or openflow", text)});
}

Result<exchange::FabricAttach> parse_fabric_attach(std::string_view text) {
  for (const auto attach : {exchange::FabricAttach::kTc, exchange::FabricAttach::kXdp}) {
    if (text == exchange::name_of(attach)) return attach;
  }
  return fail(Error{fmt::format("no hook is called '{}': write tc or xdp", text)});
}

Result<std::uint64_t> parse_generation(std::string_view text) {
  const auto number = parse_number<std::int64_t>(text);
  if (!number || *number < 1) {
    return fail(Error{fmt::format("'{}' is no generation: write a number from 1", text)});
  }
  return static_cast<std::uint64_t>(*number);
}

}  // namespace fabrix::app
