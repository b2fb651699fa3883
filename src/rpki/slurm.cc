#include "rpki/slurm.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "net/prefix_map.h"
#include "rpki/json_fields.h"

namespace fabrix::rpki {
namespace {

namespace json = boost::json;

constexpr std::int64_t kVersion = 1;

Result<void> check_comment(const json::object& object) {
  const json::value* const comment = object.if_contains("comment");
  if (comment != nullptr && !comment->is_string()) {
    return fail(error_at("comment", "not a string"));
  }
  return {};
}

Result<PrefixFilter> read_filter(const json::value& value) {
  FABRIX_TRY(const json::object* const object, read_object(value, "filter"));
  if (auto known = allow_only(*object, {"prefix", "asn", "comment"}); !known) {
    return fail(known.error());
  }
  if (auto comment = check_comment(*object); !comment) return fail(comment.error());
  PrefixFilter filter;
  FABRIX_TRY(filter.prefix, read_prefix(*object, "prefix"));
  FABRIX_TRY(filter.asn, read_asn(*object, "asn"));
  if (!filter.prefix && !filter.asn) return fail(Error{"neither prefix nor asn"});
  return filter;
}

Result<Vrp> read_assertion(const json::value& value) {
  FABRIX_TRY(const json::object* const object, read_object(value, "assertion"));
  if (auto known = allow_only(*object, {"prefix", "asn", "maxPrefixLength", "comment"}); !known) {
    return fail(known.error());
  }
  if (auto comment = check_comment(*object); !comment) return fail(comment.error());
  return read_vrp(*object, "maxPrefixLength");
}

// One of the file's two objects: its own name, that of the array that counts here, with the most
// elements taken, and that of its other array.
struct Section {
  std::string_view name;
  std::string_view list;
  std::size_t most;
  std::string_view bgpsec;
};

constexpr Section kFilters{.name = "validationOutputFilters",
                           .list = "prefixFilters",
                           .most = kMaxSlurmFilters,
                           .bgpsec = "bgpsecFilters"};
constexpr Section kAssertions{.name = "locallyAddedAssertions",
                              .list = "prefixAssertions",
                              .most = kMaxVrps,
                              .bgpsec = "bgpsecAssertions"};

// The elements of the list of `section`, by `read_element`.
template <typename Element>
Result<std::vector<Element>> read_section(const json::object& file, const Section& section,
                                          Result<Element> (*read_element)(const json::value&)) {
  const json::value* const value =
      file.if_contains(json::string_view(section.name.data(), section.name.size()));
  if (value == nullptr) return fail(error_at(section.name, "missing"));
  FABRIX_TRY(const json::object* const object, read_object(*value, section.name));
  if (auto known = allow_only(*object, {section.list, section.bgpsec}); !known) {
    return fail(error_at(section.name, known.error().message));
  }
  FABRIX_TRY(const json::array* const elements,
             read_array(*object, section.list, Presence::kRequired));
  const auto ignored = read_array(*object, section.bgpsec, Presence::kRequired);
  if (!ignored) return fail(ignored.error());
  if (elements->size() > section.most) {
    return fail(error_at(section.list, fmt::format("more than {}", section.most)));
  }
  std::vector<Element> result;
  for (const json::value& element : *elements) {
    const auto read = read_element(element);
    if (!read) {
      return fail(
          error_at(fmt::format("{}[{}]", section.list, result.size()), read.error().message));
    }
    result.push_back(*read);
  }
  return result;
}

// Filters, found by what they match.
class FilterIndex {
 public:
  explicit FilterIndex(const std::vector<PrefixFilter>& filters) {
    for (const PrefixFilter& filter : filters) {
      if (filter.prefix) {
        by_prefix_[*filter.prefix].push_back(filter.asn);
      } else {
        by_asn_.insert(*filter.asn);
      }
    }
  }

  bool matches(const Vrp& vrp) const {
    bool found = by_asn_.contains(vrp.asn);
    const auto is_meant = [&vrp](const std::optional<net::Asn>& asn) {
      return !asn || *asn == vrp.asn;
    };
    by_prefix_.for_each_covering(vrp.prefix, [&](const net::Prefix&, const Asns& asns) {
      found = found || std::ranges::any_of(asns, is_meant);
    });
    return found;
  }

 private:
  using Asns = std::vector<std::optional<net::Asn>>;

  net::PrefixMap<Asns> by_prefix_;
  std::set<net::Asn> by_asn_;
};

}  // namespace

Result<Slurm> parse_slurm(std::string_view text) {
  FABRIX_TRY(const json::value value, parse_json_object(text));
  const json::object& file = value.get_object();
  const auto known = allow_only(file, {"slurmVersion", kFilters.name, kAssertions.name});
  if (!known) return fail(known.error());
  FABRIX_TRY(const auto version, read_number(file, "slurmVersion"));
  if (version != kVersion) return fail(error_at("slurmVersion", "not 1"));

  Slurm slurm;
  FABRIX_TRY(slurm.filters, read_section(file, kFilters, &read_filter));
  FABRIX_TRY(slurm.assertions, read_section(file, kAssertions, &read_assertion));
  return slurm;
}

void apply_slurm(const Slurm& slurm, std::vector<Vrp>& vrps) {
  const FilterIndex filters(slurm.filters);
  std::erase_if(vrps, [&](const Vrp& vrp) { return filters.matches(vrp); });
  vrps.insert(vrps.end(), slurm.assertions.begin(), slurm.assertions.end());
}

}  // namespace fabrix::rpki
