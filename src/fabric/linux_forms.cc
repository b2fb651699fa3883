#include "fabric/linux_forms.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

#include "fabric/linux_layout.h"

namespace fabrix::fabric {
namespace {

using program::Row;

// Fewer are as well off as code.
constexpr std::size_t kFewRows = 5;

struct FieldMask {
  LinuxField field = 0;
  std::uint64_t mask = 0;
  friend auto operator<=>(const FieldMask&, const FieldMask&) = default;
};

// What rows of one form have in common besides the tests of all.
struct Shape {
  std::vector<FieldMask> masks;
  std::uint64_t written = 0;  // metadata
  std::optional<net::Field> set;
  std::size_t kind = 0;  // of what is next
  std::optional<program::TableId> table;

  friend auto operator<=>(const Shape&, const Shape&) = default;
};

std::optional<Shape> shape_of(const Row& row) {
  const bool plain = !row.meter && row.queries.empty() && row.copies.empty() &&
                     row.set_fields.size() <= 1 && !std::holds_alternative<program::Fork>(row.next);
  if (!plain) return std::nullopt;
  Shape shape{.masks = {},
              .written = row.write_metadata.mask,
              .set = {},
              .kind = row.next.index(),
              .table = {}};
  for (const LinuxTest& test : tests_of(row.match)) shape.masks.push_back({test.field, test.mask});
  if (!row.set_fields.empty()) shape.set = row.set_fields.front().field;
  if (const auto* jump = std::get_if<program::Goto>(&row.next)) shape.table = jump->table;
  return shape;
}

LinuxForm form_of(const Row* row) {
  return {.rows = {row}, .tests = tests_of(row->match), .key = {}};
}

// None if rows differ in more than a key has room for.
std::optional<LinuxForm> keyed_form(const std::vector<const Row*>& rows) {
  LinuxForm form{.rows = rows, .tests = {}, .key = {}};
  const std::vector<LinuxTest> first = tests_of(rows.front()->match);
  std::vector<bool> differs(first.size(), false);
  for (const Row* row : rows) {
    const auto tests = tests_of(row->match);
    for (std::size_t i = 0; i < tests.size(); ++i) {
      if (tests[i].bits != first[i].bits) differs[i] = true;
    }
  }
  for (std::size_t i = 0; i < first.size(); ++i) {
    (differs[i] ? form.key : form.tests).push_back(first[i]);
  }
  if (form.key.empty() || form.key.size() > FABRIX_WIDE) return std::nullopt;
  return form;
}

// Rows of one priority.
void add_forms(std::span<const Row* const> rows, std::vector<LinuxForm>& forms) {
  std::map<Shape, std::vector<const Row*>> alike;
  const auto add_each = [&forms](const std::vector<const Row*>& all) {
    for (const Row* row : all) forms.push_back(form_of(row));
  };
  for (const Row* row : rows) {
    if (auto shape = shape_of(*row)) {
      alike[*std::move(shape)].push_back(row);
    } else {
      add_each({row});
    }
  }
  for (const auto& [shape, all] : alike) {
    auto form = all.size() < kFewRows ? std::nullopt : keyed_form(all);
    if (form) {
      forms.push_back(*std::move(form));
    } else {
      add_each(all);
    }
  }
}

}  // namespace

std::vector<LinuxTest> tests_of(const program::Match& match) {
  std::vector<LinuxTest> tests;
  for (const program::FieldMatch& each : match.fields) {
    tests.push_back({static_cast<LinuxField>(each.field), each.bits, each.mask});
  }
  if (match.metadata.mask != 0) {
    tests.push_back({kLinuxMetadata, match.metadata.bits, match.metadata.mask});
  }
  return tests;
}

std::vector<LinuxForm> forms_of(std::span<const program::Row* const> rows) {
  std::vector<LinuxForm> forms;
  while (!rows.empty()) {
    const auto priority = rows.front()->priority;
    const auto end = std::ranges::find_if(
        rows, [priority](const Row* row) { return row->priority != priority; });
    const auto count = static_cast<std::size_t>(end - rows.begin());
    add_forms(rows.first(count), forms);
    rows = rows.subspan(count);
  }
  return forms;
}

}  // namespace fabrix::fabric
