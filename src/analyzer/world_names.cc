#include "analyzer/world_names.h"

#include <utility>

#include "io/file.h"

namespace fabrix::analyzer {
namespace {

// Seven times as long as the IEEE's.
constexpr std::size_t kMaxOuiFile = std::size_t{32} << 20U;

}  // namespace

Result<std::unique_ptr<WorldNames>> WorldNames::open(const NameOptions& options) {
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<WorldNames> names(new WorldNames(options.oui));
  if (!options.country.empty()) {
    FABRIX_TRY(names->countries_, AddressDatabase::open(options.country));
  }
  if (!options.as.empty()) {
    FABRIX_TRY(names->systems_, AddressDatabase::open(options.as));
  }
  return names;
}

std::optional<telemetry::Country> WorldNames::country_of(const net::IpAddress& address) {
  const auto found = countries_ ? countries_->country_of(address) : std::nullopt;
  if (!found) return std::nullopt;
  return telemetry::Country{.code = found->code, .name = found->name};
}

std::optional<telemetry::AutonomousSystem> WorldNames::as_of(const net::IpAddress& address) {
  const auto found = systems_ ? systems_->system_of(address) : std::nullopt;
  if (!found) return std::nullopt;
  return telemetry::AutonomousSystem{.number = found->number, .name = found->name};
}

std::optional<std::string_view> WorldNames::maker_of(std::uint32_t oui) {
  if (!makers_) {
    const auto text = io::read_file(oui_file_, kMaxOuiFile);
    makers_ = telemetry::OuiTable::parse(text ? *text : std::string());
  }
  return makers_->maker_of(oui);
}

}  // namespace fabrix::analyzer
