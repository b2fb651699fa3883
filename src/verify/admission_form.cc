#include "verify/admission_form.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "net/address_bits.h"
#include "program/drop.h"

namespace fabrix::verify {
namespace {

using net::Field;
using program::FieldMatch;
using program::Row;

// A MAC that nobody has, for documentation (RFC 7042 2.1.2).
constexpr std::uint64_t kNobodysMac = 0x00005e005301;

// A value of one or two fields, and what stands for it.
struct Renaming {
  std::vector<FieldMatch> own;  // exact
  std::vector<FieldMatch> common;
};

FieldMatch exact(Field field, std::uint64_t value) {
  return {.field = field, .bits = value, .mask = net::max_value(field)};
}

Renaming rename(std::vector<Field> fields, const std::vector<std::uint64_t>& own,
                const std::vector<std::uint64_t>& common) {
  Renaming renaming;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    renaming.own.push_back(exact(fields[i], own[i]));
    renaming.common.push_back(exact(fields[i], common[i]));
  }
  return renaming;
}

// The last address but `place` of the LAN that has the address; none: no LAN has.
std::optional<net::AddressBits> nobodys(const Site& site, const net::IpAddress& address,
                                        std::uint64_t place) {
  const auto lan = std::ranges::find_if(
      *site.peering_lan, [&](const net::Prefix& each) { return each.contains(address); });
  if (lan == site.peering_lan->end()) return std::nullopt;
  constexpr unsigned kHalf = 64;
  const auto ones = [](unsigned from) { return from >= kHalf ? 0 : ~std::uint64_t{0} >> from; };
  net::AddressBits bits = net::AddressBits::of(lan->address());
  if (address.family() == net::Family::kIpv4) {
    constexpr unsigned kIp4 = 32;
    bits.high |= ones(lan->length()) & ~ones(kIp4);
    bits.high -= place << kIp4;
    return bits;
  }
  bits.high |= ones(lan->length());
  bits.low |= lan->length() <= kHalf ? ~std::uint64_t{0} : ones(lan->length() - kHalf);
  bits.low -= place;
  return bits;
}

// None: the values of nobody are somebody's.
std::optional<std::vector<Renaming>> renamings_of(const Site& site) {
  std::vector<Renaming> all;
  for (const Field field : {Field::kSrcMac, Field::kArpSenderMac}) {
    all.push_back(rename({field}, {site.mac.to_u64()}, {kNobodysMac}));
  }
  for (std::uint64_t i = 0; i < site.addresses->size(); ++i) {
    const net::IpAddress& address = (*site.addresses)[i];
    const auto bits = net::AddressBits::of(address);
    const auto other = nobodys(site, address, i);
    if (!other) return std::nullopt;
    for (const net::IpAddress& own : *site.addresses) {
      if (net::AddressBits::of(own) == *other) return std::nullopt;
    }
    if (address.family() == net::Family::kIpv4) {
      all.push_back(rename({Field::kSrcIp4}, {bits.high >> 32U}, {other->high >> 32U}));
      continue;
    }
    for (const auto& fields : {std::vector{Field::kSrcIp6High, Field::kSrcIp6Low},
                               std::vector{Field::kNdTargetHigh, Field::kNdTargetLow}}) {
      all.push_back(rename(fields, {bits.high, bits.low}, {other->high, other->low}));
    }
  }
  return all;
}

FieldMatch* test_of(Row& row, Field field) {
  const auto found = std::ranges::find(row.match.fields, field, &FieldMatch::field);
  return found == row.match.fields.end() ? nullptr : &*found;
}

bool is_exactly(Row& row, const std::vector<FieldMatch>& values) {
  return std::ranges::all_of(values, [&row](const FieldMatch& value) {
    const FieldMatch* test = test_of(row, value.field);
    return test != nullptr && *test == value;
  });
}

bool holds_for(Row& row, const std::vector<FieldMatch>& values) {
  return std::ranges::all_of(values, [&row](const FieldMatch& value) {
    const FieldMatch* test = test_of(row, value.field);
    return test == nullptr || (value.bits & test->mask) == test->bits;
  });
}

bool apply(Row& row, const Renaming& renaming) {
  if (is_exactly(row, renaming.own)) {
    for (const FieldMatch& value : renaming.common) *test_of(row, value.field) = value;
    return true;
  }
  return holds_for(row, renaming.own) == holds_for(row, renaming.common);
}

// IPv6 addresses of which the rules themselves ask more than whose they are (RFC 4291 2.4).
bool is_link_local(const net::IpAddress& address) {
  constexpr std::uint64_t kLinkLocal = 0xfe80000000000000;
  constexpr std::uint64_t kMask = 0xffc0000000000000;
  return address.family() == net::Family::kIpv6 &&
         (net::AddressBits::of(address).high & kMask) == kLinkLocal;
}

// What a row counts and by what it is limited, in general terms. False: there are none.
bool generalise_limits(Row& row, const Site& site) {
  for (std::uint64_t& counter : row.queries) {
    const auto drop = program::drop_of(counter);
    if (!drop || drop->port != site.port) return false;
    counter = program::drop_counter({.port = {1}, .reason = drop->reason});
  }
  if (!row.meter) return true;
  const bool lookups = row.meter == site.lookups;
  if (!lookups && row.meter != site.punts) return false;
  row.meter = program::Meter{.id = lookups ? 1U : 2U};
  return true;
}

// False: the row has no form.
bool generalise(Row& row, const Site& site, const std::vector<Renaming>& renamings) {
  row.origin = {};
  if (!generalise_limits(row, site)) return false;
  if (FieldMatch* port = test_of(row, Field::kInPort)) {
    if (*port != exact(Field::kInPort, site.port.value)) return false;
    port->bits = 1;
  }
  const auto sender =
      site.participant ? program::Metadata::sender(*site.participant) : program::Metadata{};
  program::Metadata& write = row.write_metadata;
  if ((write.mask & sender.mask) == sender.mask && (write.bits & sender.mask) == sender.bits) {
    write.bits &= ~sender.mask;
  } else if ((write.mask & sender.mask) != 0) {
    return false;
  }
  return std::ranges::all_of(renamings, [&row](const Renaming& each) { return apply(row, each); });
}

}  // namespace

std::optional<AdmissionForm> form_of(const Site& site, const std::vector<const Row*>& rows) {
  if (std::ranges::any_of(*site.addresses, is_link_local)) return std::nullopt;
  AdmissionForm form{.rows = {},
                     .families = {},
                     .is_member = site.participant.has_value(),
                     .has_outbound = site.has_outbound,
                     .is_counted = site.is_counted,
                     .hashes = site.hashes,
                     .standing = site.standing};
  for (const net::IpAddress& address : *site.addresses) form.families.push_back(address.family());
  const auto renamings = renamings_of(site);
  if (!renamings) return std::nullopt;
  for (const Row* row : rows) {
    form.rows.push_back(*row);
    if (!generalise(form.rows.back(), site, *renamings)) return std::nullopt;
  }
  // Rows of one priority stand in the order of addresses, which says nothing of their meaning.
  std::ranges::stable_sort(form.rows, [](const Row& a, const Row& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.match < b.match;
  });
  return form;
}

}  // namespace fabrix::verify
