// WorldNames: what files say of addresses, for the engine's key functions: countries and autonomous
// systems of databases in MaxMind's format, makers of network cards of the IEEE's list.
//
// Databases are opened when it is made. The list is read when it is first asked for, once; if it is
// not there, nobody is known. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "analyzer/address_database.h"
#include "base/result.h"
#include "telemetry/name_source.h"
#include "telemetry/oui_table.h"

namespace fabrix::analyzer {

// Where Debian's package ieee-data has it.
inline constexpr std::string_view kOuiFile = "/usr/share/ieee-data/oui.csv";

struct NameOptions {
  std::string country;  // a database; empty: none
  std::string as;       // likewise
  std::string oui = std::string(kOuiFile);
  std::string dns;  // servers, as ReverseResolver has them; empty: the system's

  friend bool operator==(const NameOptions&, const NameOptions&) = default;
};

class WorldNames final : public telemetry::NameSource {
 public:
  // Fails if a database cannot be opened.
  static Result<std::unique_ptr<WorldNames>> open(const NameOptions& options);

  std::optional<telemetry::Country> country_of(const net::IpAddress& address) override;
  std::optional<telemetry::AutonomousSystem> as_of(const net::IpAddress& address) override;
  std::optional<std::string_view> maker_of(std::uint32_t oui) override;

 private:
  explicit WorldNames(std::string oui_file) : oui_file_(std::move(oui_file)) {}

  std::optional<AddressDatabase> countries_;
  std::optional<AddressDatabase> systems_;
  std::string oui_file_;
  std::optional<telemetry::OuiTable> makers_;  // once it has been asked for
};

}  // namespace fabrix::analyzer
