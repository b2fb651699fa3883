#include "analyzer/address_database.h"

#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace fabrix::analyzer {
namespace {

// A path ends with a null pointer.
using Path = const char* const*;

std::optional<MMDB_entry_data_s> value_at(MMDB_entry_s& entry, Path path) {
  MMDB_entry_data_s value{};
  const int wrong = MMDB_aget_value(&entry, &value, path);
  return wrong == MMDB_SUCCESS && value.has_data ? std::optional(value) : std::nullopt;
}

std::string_view text_at(MMDB_entry_s& entry, Path path) {
  const auto value = value_at(entry, path);
  if (!value || value->type != MMDB_DATA_TYPE_UTF8_STRING) return {};
  return {value->utf8_string, value->data_size};
}

sockaddr_storage socket_address(const net::IpAddress& address) {
  sockaddr_storage out{};
  const auto octets = address.octets();
  if (address.family() == net::Family::kIpv4) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    std::memcpy(&four.sin_addr, octets.data(), octets.size());
    std::memcpy(&out, &four, sizeof four);
  } else {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    std::memcpy(&six.sin6_addr, octets.data(), octets.size());
    std::memcpy(&out, &six, sizeof six);
  }
  return out;
}

constexpr std::array<const char*, 3> kCode = {"country", "iso_code", nullptr};
constexpr std::array<const char*, 4> kName = {"country", "names", "en", nullptr};
constexpr std::array<const char*, 2> kNumber = {"autonomous_system_number", nullptr};
constexpr std::array<const char*, 2> kOrganization = {"autonomous_system_organization", nullptr};

}  // namespace

struct AddressDatabase::File {
  MMDB_s mmdb{};
  bool is_open = false;

  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File(File&&) = delete;
  File& operator=(File&&) = delete;
  ~File() {
    if (is_open) MMDB_close(&mmdb);
  }

  std::optional<MMDB_entry_s> find(const net::IpAddress& address) const {
    const sockaddr_storage to = socket_address(address);
    int wrong = MMDB_SUCCESS;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as sockets have it.
    MMDB_lookup_result_s found =
        MMDB_lookup_sockaddr(&mmdb, reinterpret_cast<const sockaddr*>(&to), &wrong);
    if (wrong != MMDB_SUCCESS || !found.found_entry) return std::nullopt;
    return found.entry;
  }
};

AddressDatabase::AddressDatabase(std::unique_ptr<File> file) : file_(std::move(file)) {}
AddressDatabase::AddressDatabase(AddressDatabase&& other) noexcept = default;
AddressDatabase& AddressDatabase::operator=(AddressDatabase&& other) noexcept = default;
AddressDatabase::~AddressDatabase() = default;

Result<AddressDatabase> AddressDatabase::open(const std::string& path) {
  auto file = std::make_unique<File>();
  const int wrong = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file->mmdb);
  if (wrong != MMDB_SUCCESS) {
    return fail(Error{fmt::format("{}: {}", path, MMDB_strerror(wrong))});
  }
  file->is_open = true;
  return AddressDatabase(std::move(file));
}

std::optional<AddressDatabase::Country> AddressDatabase::country_of(
    const net::IpAddress& address) const {
  auto entry = file_->find(address);
  if (!entry) return std::nullopt;
  const Country country{.code = text_at(*entry, kCode.data()),
                        .name = text_at(*entry, kName.data())};
  return country.code.empty() ? std::nullopt : std::optional(country);
}

std::optional<AddressDatabase::System> AddressDatabase::system_of(
    const net::IpAddress& address) const {
  auto entry = file_->find(address);
  if (!entry) return std::nullopt;
  const auto number = value_at(*entry, kNumber.data());
  if (!number || number->type != MMDB_DATA_TYPE_UINT32) return std::nullopt;
  return System{.number = number->uint32, .name = text_at(*entry, kOrganization.data())};
}

}  // namespace fabrix::analyzer
