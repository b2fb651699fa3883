#include "verify/admission_form.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>
#include <variant>

#include "net/address_bits.h"
#include "program/drop.h"

namespace fabrix::verify {
namespace {

using net::Field;
using program::FieldMatch;
using program::Row;

// A MAC that nobody has, for documentation (RFC 7042 2.1.2).
constexpr std::uint64_t kNobodysMac = 0x00005e005301;

using Words = std::vector<std::uint64_t>;

// One by one: a form has thousands, and a list would be copied first.
template <typename... Word>
void put(Words& words, Word... each) {
  (words.push_back(each), ...);
}

// A value of one or two fields, and what stands for it.
struct Renaming {
  struct Part {
    Field field = Field::kSrcMac;
    std::uint64_t own = 0;
    std::uint64_t common = 0;
  };
  std::array<Part, 2> parts{};
  std::size_t count = 1;
  std::uint64_t fields = 0;  // a bit each
};

static_assert(net::kFieldCount <= 64);
std::uint64_t bit_of(Field field) {
  return std::uint64_t{1} << static_cast<unsigned>(field);
}

Renaming rename(Field field, std::uint64_t own, std::uint64_t common) {
  return {.parts = {{{field, own, common}}}, .fields = bit_of(field)};
}

Renaming rename(Field high, Field low, const net::AddressBits& own,
                const net::AddressBits& common) {
  return {.parts = {{{high, own.high, common.high}, {low, own.low, common.low}}},
          .count = 2,
          .fields = bit_of(high) | bit_of(low)};
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
  all.reserve(2 + 2 * site.addresses->size());
  for (const Field field : {Field::kSrcMac, Field::kArpSenderMac}) {
    all.push_back(rename(field, site.mac.to_u64(), kNobodysMac));
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
      all.push_back(rename(Field::kSrcIp4, bits.high >> 32U, other->high >> 32U));
      continue;
    }
    all.push_back(rename(Field::kSrcIp6High, Field::kSrcIp6Low, bits, *other));
    all.push_back(rename(Field::kNdTargetHigh, Field::kNdTargetLow, bits, *other));
  }
  return all;
}

// IPv6 addresses of which the rules themselves ask more than whose they are (RFC 4291 2.4).
bool is_link_local(const net::IpAddress& address) {
  constexpr std::uint64_t kLinkLocal = 0xfe80000000000000;
  constexpr std::uint64_t kMask = 0xffc0000000000000;
  return address.family() == net::Family::kIpv6 &&
         (net::AddressBits::of(address).high & kMask) == kLinkLocal;
}

// The tests of a row in general terms, written behind other words.
class Tests {
 public:
  Tests(const std::vector<Renaming>& renamings, Words& words)
      : renamings_(renamings), words_(words) {}

  // False: there are none.
  bool append(const Row& row, net::PortNo port) {
    words_.push_back(row.match.fields.size());
    first_ = words_.size();
    words_.resize(first_ + kOfATest * row.match.fields.size());
    std::uint64_t* word = words_.data() + first_;
    tested_ = 0;
    for (const FieldMatch& test : row.match.fields) {
      tested_ |= bit_of(test.field);
      const bool is_port = test.field == Field::kInPort;
      if (is_port && (test.bits != port.value || test.mask != net::max_value(Field::kInPort))) {
        return false;
      }
      *word++ = static_cast<std::uint64_t>(test.field);
      *word++ = is_port ? 1 : test.bits;
      *word++ = test.mask;
    }
    return std::ranges::all_of(renamings_, [this](const Renaming& each) { return apply(each); });
  }

 private:
  static constexpr std::size_t kOfATest = 3;

  // In the words, before the mask; null: there is no such test.
  std::uint64_t* bits_of_test(Field field) {
    for (std::size_t i = first_; i < words_.size(); i += kOfATest) {
      if (words_[i] == static_cast<std::uint64_t>(field)) return &words_[i + 1];
    }
    return nullptr;
  }

  bool apply(const Renaming& renaming) {
    if ((tested_ & renaming.fields) == 0) return true;
    bool is_own = true;         // tests for the very value
    bool holds_for_own = true;  // as far as it tests
    bool holds_for_other = true;
    std::array<std::uint64_t*, 2> tests{};  // the bits, behind them the mask
    for (std::size_t i = 0; i < renaming.count; ++i) {
      const Renaming::Part& part = renaming.parts.at(i);
      const std::uint64_t* const test = tests.at(i) = bits_of_test(part.field);
      if (test == nullptr) {
        is_own = false;
        continue;
      }
      const std::uint64_t bits = test[0];
      const std::uint64_t mask = test[1];
      is_own = is_own && bits == part.own && mask == net::max_value(part.field);
      holds_for_own = holds_for_own && (part.own & mask) == bits;
      holds_for_other = holds_for_other && (part.common & mask) == bits;
    }
    if (!is_own) return holds_for_own == holds_for_other;
    for (std::size_t i = 0; i < renaming.count; ++i) *tests.at(i) = renaming.parts.at(i).common;
    return true;
  }

  const std::vector<Renaming>& renamings_;
  Words& words_;
  std::size_t first_ = 0;     // of the words of the row's tests
  std::uint64_t tested_ = 0;  // of what fields
};

// What a row counts and by what it is limited, in general terms. False: there are none.
bool append_limits(const Row& row, const Site& site, Words& words) {
  words.push_back(row.queries.size());
  for (const std::uint64_t counter : row.queries) {
    const auto drop = program::drop_of(counter);
    if (!drop || drop->port != site.port) return false;
    words.push_back(static_cast<std::uint64_t>(drop->reason));
  }
  constexpr std::uint64_t kNone = 0;
  constexpr std::uint64_t kLookups = 1;
  constexpr std::uint64_t kPunts = 2;
  if (!row.meter) {
    words.push_back(kNone);
    return true;
  }
  const bool lookups = row.meter == site.lookups;
  words.push_back(lookups ? kLookups : kPunts);
  return lookups || row.meter == site.punts;
}

// Of what rows of the first table do. False: it is none of that.
bool append_next(const Row& row, Words& words) {
  words.push_back(row.next.index());
  if (const auto* jump = std::get_if<program::Goto>(&row.next)) {
    words.push_back(static_cast<std::uint64_t>(jump->table));
    return true;
  }
  return std::holds_alternative<program::Discard>(row.next) ||
         std::holds_alternative<program::ToController>(row.next);
}

// What it writes, if as sender only the site's owner.
bool append_write(const Row& row, const Site& site, Words& words) {
  const auto sender =
      site.participant ? program::Metadata::sender(*site.participant) : program::Metadata{};
  program::Metadata write = row.write_metadata;
  if ((write.mask & sender.mask) == sender.mask && (write.bits & sender.mask) == sender.bits) {
    write.bits &= ~sender.mask;
  } else if ((write.mask & sender.mask) != 0) {
    return false;
  }
  put(words, write.bits, write.mask);
  return true;
}

std::uint64_t word_of(net::HashKeys keys) {
  std::uint64_t word = 0;
  for (const net::HashKey key : net::kHashKeys) word = word << 1U | (keys.contains(key) ? 1U : 0U);
  return word;
}

// False: the row has no form.
bool append(const Row& row, const Site& site, Tests& tests, Words& words) {
  if (!row.set_fields.empty() || !row.copies.empty()) return false;
  put(words, row.priority, row.match.metadata.bits, row.match.metadata.mask, word_of(row.hashes));
  return tests.append(row, site.port) && append_limits(row, site, words) &&
         append_next(row, words) && append_write(row, site, words);
}

Words words_of(const Site& site) {
  Words words{site.participant ? 1U : 0U,
              site.has_outbound ? 1U : 0U,
              site.is_counted ? 1U : 0U,
              word_of(site.hashes),
              static_cast<std::uint64_t>(site.standing),
              site.addresses->size()};
  for (const net::IpAddress& address : *site.addresses) {
    words.push_back(static_cast<std::uint64_t>(address.family()));
  }
  return words;
}

}  // namespace

std::optional<AdmissionForm> form_of(const Site& site, const std::vector<const Row*>& rows) {
  if (site.sources != nullptr) return std::nullopt;  // what is announced there is nobody else's
  if (std::ranges::any_of(*site.addresses, is_link_local)) return std::nullopt;
  const auto renamings = renamings_of(site);
  if (!renamings) return std::nullopt;
  constexpr std::size_t kWordsOfARow = 32;  // or fewer
  Words all = words_of(site);
  all.reserve(all.size() + kWordsOfARow * rows.size());
  Tests tests(*renamings, all);
  const std::size_t first_row = all.size();
  std::vector<std::pair<std::size_t, std::size_t>> places;  // of rows in them
  places.reserve(rows.size());
  for (const Row* row : rows) {
    const std::size_t first = all.size();
    if (!append(*row, site, tests, all)) return std::nullopt;
    places.emplace_back(first, all.size());
  }
  const auto row_at = [&all](const auto& place) {
    return std::span(all).subspan(place.first, place.second - place.first);
  };
  // Rows of one priority stand in the order of addresses, which says nothing of their meaning.
  for (auto first = places.begin(); first != places.end();) {
    const auto last = std::find_if(first, places.end(), [&](const auto& each) {
      return all[each.first] != all[first->first];
    });
    std::sort(first, last, [&row_at](const auto& a, const auto& b) {
      return std::ranges::lexicographical_compare(row_at(a), row_at(b));
    });
    first = last;
  }
  AdmissionForm form;
  form.words.reserve(all.size());
  form.words.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first_row));
  for (const auto& place : places) {
    const auto row = row_at(place);
    form.words.insert(form.words.end(), row.begin(), row.end());
  }
  return form;
}

}  // namespace fabrix::verify
