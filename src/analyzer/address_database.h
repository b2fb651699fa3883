// AddressDatabase: what a file in MaxMind's DB format says of addresses: GeoLite2 and what is laid
// out as it is (DB-IP, IPinfo's lite files under these names).
//
//   maxmind.github.io/MaxMind-DB (format 2.0); by libmaxminddb, which maps the file
//
// Countries are country.iso_code and country.names.en, autonomous systems
// autonomous_system_number and autonomous_system_organization. A file that is replaced while it is
// open must be renamed into its place, as usual. Blocks as files do. One thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/ip_address.h"

namespace fabrix::analyzer {

class AddressDatabase {
 public:
  // Fails if the file is not there or not of that format.
  static Result<AddressDatabase> open(const std::string& path);
  AddressDatabase(AddressDatabase&& other) noexcept;
  AddressDatabase& operator=(AddressDatabase&& other) noexcept;
  AddressDatabase(const AddressDatabase&) = delete;
  AddressDatabase& operator=(const AddressDatabase&) = delete;
  ~AddressDatabase();

  // Texts are good as long as the database.
  struct Country {
    std::string_view code;
    std::string_view name;  // may be empty
  };
  std::optional<Country> country_of(const net::IpAddress& address) const;

  struct System {
    std::uint32_t number = 0;
    std::string_view name;  // may be empty
  };
  std::optional<System> system_of(const net::IpAddress& address) const;

 private:
  struct File;
  explicit AddressDatabase(std::unique_ptr<File> file);

  std::unique_ptr<File> file_;
};

}  // namespace fabrix::analyzer
