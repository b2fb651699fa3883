#include "fabric/linux_dense.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <utility>

#include "fabric/linux_entry.h"

namespace fabrix::fabric {
namespace {

using program::Row;

constexpr std::size_t kMostPlaces = 1U << 16U;
// Holes in an array cost memory: so many times as many places as rows.
constexpr std::size_t kMostHoles = 4;
constexpr std::size_t kFreeHoles = 64;
// Parts of a form.
constexpr std::size_t kMostParts = 4;
constexpr std::size_t kFewestRows = 5;  // of a part, as of a form

std::uint64_t bits_of(const Row& row, LinuxField field) {
  if (field == kLinuxMetadata) return row.match.metadata.bits;
  const auto& tests = row.match.fields;
  return std::ranges::find(tests, static_cast<net::Field>(field), &program::FieldMatch::field)
      ->bits;
}

// Bits of the field in which rows differ.
std::uint64_t varying(const LinuxForm& form, LinuxField field) {
  const std::uint64_t first = bits_of(form.row(), field);
  std::uint64_t all = 0;
  for (const Row* row : form.rows) all |= bits_of(*row, field) ^ first;
  return all;
}

// What is left to be looked at of a test: nothing, if the form's tests, which come first, imply it.
LinuxTest rest_of(const LinuxForm& form, LinuxTest rest) {
  const auto test = std::ranges::find(form.tests, rest.field, &LinuxTest::field);
  if (test != form.tests.end() && (rest.mask & ~test->mask) == 0) {
    rest.bits = rest.mask = 0;
  }
  return rest;
}

// All bits above the number are looked at with it, where that makes no number too large: what has
// others is beyond the array's end.
void take_rest_in(LinuxIndex& index) {
  const std::uint64_t all = max_of(index.field);
  const std::uint64_t above =
      all & ~((index.mask << index.shift | ((std::uint64_t{1} << index.shift) - 1)));
  if (all > 0xffffffffU || index.rest.mask == 0 || index.rest.mask != above) return;
  index.mask = all >> index.shift;
  index.first += index.rest.bits >> index.shift;
  index.rest.bits = index.rest.mask = 0;
}

std::optional<LinuxIndex> index_by(const LinuxForm& form, const LinuxTest& key) {
  const std::uint64_t differing = varying(form, key.field);
  if (differing == 0) return std::nullopt;
  LinuxIndex index{
      .field = key.field, .shift = 0, .mask = 0, .first = 0, .size = 0, .rest = {}, .others = {}};
  index.shift = static_cast<unsigned>(std::countr_zero(differing));
  index.mask = std::bit_ceil((differing >> index.shift) + 1) - 1;
  const std::uint64_t span = index.mask << index.shift;
  if (index.mask > 0xffffffffU || (span & ~key.mask) != 0) return std::nullopt;
  std::set<std::uint64_t> numbers;
  for (const Row* row : form.rows)
    numbers.insert(bits_of(*row, key.field) >> index.shift & index.mask);
  if (numbers.size() != form.rows.size()) return std::nullopt;
  const std::uint64_t places = *numbers.rbegin() - *numbers.begin() + 1;
  if (places > kMostPlaces || places > kMostHoles * numbers.size() + kFreeHoles)
    return std::nullopt;
  index.first = *numbers.begin();
  index.size = places;
  index.rest = rest_of(form, {key.field, bits_of(form.row(), key.field) & ~span, key.mask & ~span});
  take_rest_in(index);
  std::ranges::copy_if(form.key, std::back_inserter(index.others),
                       [&key](const LinuxTest& each) { return each.field != key.field; });
  return index;
}

// A part of the rows of a form.
LinuxForm part_of(const LinuxForm& form, std::vector<const Row*> rows) {
  LinuxForm part{.rows = std::move(rows), .tests = form.tests, .key = {}, .kind = form.kind};
  for (const LinuxTest& each : form.key) {
    if (varying(part, each.field) != 0) {
      part.key.push_back(each);
    } else {
      part.tests.push_back({each.field, bits_of(part.row(), each.field), each.mask});
    }
  }
  std::ranges::sort(part.tests, {}, &LinuxTest::field);
  return part;
}

// By one field, if its values are few and each has rows enough.
std::optional<std::vector<LinuxForm>> parts_by(const LinuxForm& form, LinuxField field) {
  std::map<std::uint64_t, std::vector<const Row*>> parts;
  for (const Row* row : form.rows) {
    parts[bits_of(*row, field)].push_back(row);
    if (parts.size() > kMostParts) return std::nullopt;
  }
  std::vector<LinuxForm> all;
  for (auto& [bits, rows] : parts) {
    if (rows.size() < kFewestRows) return std::nullopt;
    all.push_back(part_of(form, std::move(rows)));
    if (all.back().key.empty()) return std::nullopt;
  }
  return all;
}

// NOLINTNEXTLINE(misc-no-recursion): each step has a field less to go by.
void part(LinuxForm form, std::vector<LinuxForm>& all) {
  for (const LinuxTest& each : form.key) {
    auto parts = parts_by(form, each.field);
    if (!parts) continue;
    for (LinuxForm& one : *parts) part(std::move(one), all);
    return;
  }
  all.push_back(std::move(form));
}

// Of destinations: real MACs and tags are told apart by it. Of IPv4 addresses the leading bits:
// what is not of the LAN need not be looked up among its addresses.
void add_common_bits(LinuxForm& form, net::Field field) {
  const auto key = std::ranges::find(form.key, static_cast<LinuxField>(field), &LinuxTest::field);
  if (key == form.key.end()) return;
  const std::uint64_t unlike = varying(form, key->field);
  const bool leading = field != net::Field::kDstMac;
  const std::uint64_t mask = key->mask & ~(leading ? std::bit_ceil(unlike + 1) - 1 : unlike);
  if (mask == 0) return;
  form.tests.push_back({key->field, bits_of(form.row(), key->field) & mask, mask});
  std::ranges::sort(form.tests, {}, &LinuxTest::field);
}

}  // namespace

std::optional<LinuxIndex> index_of(const LinuxForm& form) {
  if (form.key.empty() || form.key.size() > 1 + FABRIX_DENSE) return std::nullopt;
  for (const LinuxTest& each : form.key) {
    if (auto index = index_by(form, each)) return index;
  }
  return std::nullopt;
}

LinuxArrayPtr array_of(const LinuxForm& form, const LinuxIndex& index) {
  LinuxArray array(index.size);
  for (const Row* row : form.rows) {
    fabrix_dense& entry = array.at(index.place_of(bits_of(*row, index.field)));
    entry.present = 1;
    for (std::size_t i = 0; i < index.others.size(); ++i) {
      entry.values[i] = bits_of(*row, index.others[i].field);
    }
    entry.step = linux_action(*row).step;
  }
  return std::make_shared<const LinuxArray>(std::move(array));
}

std::vector<LinuxForm> sharpened(std::vector<LinuxForm> forms) {
  std::vector<LinuxForm> all;
  for (LinuxForm& form : forms) part(std::move(form), all);
  for (LinuxForm& form : all) {
    for (const auto field : {net::Field::kDstMac, net::Field::kSrcIp4, net::Field::kDstIp4}) {
      add_common_bits(form, field);
    }
  }
  return all;
}

}  // namespace fabrix::fabric
