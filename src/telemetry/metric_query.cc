#include "telemetry/metric_query.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "telemetry/topology.h"

namespace fabrix::telemetry {
namespace {

constexpr std::array<std::pair<std::string_view, Summary>, 12> kSummaries{{
    {"max", Summary::kMax},
    {"min", Summary::kMin},
    {"sum", Summary::kSum},
    {"avg", Summary::kAvg},
    {"var", Summary::kVar},
    {"sdev", Summary::kSdev},
    {"med", Summary::kMedian},
    {"q1", Summary::kQ1},
    {"q2", Summary::kMedian},
    {"q3", Summary::kQ3},
    {"iqr", Summary::kIqr},
    {"any", Summary::kAny},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// How long "37." or "2.1." is at the beginning of the text; 0: there is none.
std::size_t source_length(std::string_view text) {
  std::size_t length = 0;
  for (int part = 0; part < 2; ++part) {
    std::size_t end = length;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end == length || end == text.size() || text[end] != '.') break;
    length = end + 1;
  }
  return length;
}

// Sorted, in proportion between its neighbours.
double quantile(const std::vector<double>& sorted, double part) {
  const double place = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - std::floor(place)) * (sorted[above] - sorted[below]);
}

double number_of(Summary summary, const std::vector<double>& sorted) {
  const auto count = static_cast<double>(sorted.size());
  double sum = 0;
  for (const double value : sorted) sum += value;
  double squares = 0;
  for (const double value : sorted) squares += (value - sum / count) * (value - sum / count);
  switch (summary) {
    case Summary::kSum:
      return sum;
    case Summary::kAvg:
      return sum / count;
    case Summary::kVar:
      return squares / count;
    case Summary::kSdev:
      return std::sqrt(squares / count);
    case Summary::kQ1:
      return quantile(sorted, 0.25);
    case Summary::kQ3:
      return quantile(sorted, 0.75);
    case Summary::kIqr:
      return quantile(sorted, 0.75) - quantile(sorted, 0.25);
    default:
      return quantile(sorted, 0.5);
  }
}

bool is_of_one_row(Summary summary) {
  return summary == Summary::kMax || summary == Summary::kMin || summary == Summary::kAny;
}

// Of equal ones the first. Numbers come before texts.
const MetricRow* row_of(Summary summary, const std::vector<MetricRow>& rows) {
  if (summary == Summary::kAny) return &*std::ranges::max_element(rows, {}, &MetricRow::updated);
  if (summary == Summary::kMin) return &*std::ranges::min_element(rows, {}, &MetricRow::value);
  return &*std::ranges::max_element(rows, {}, &MetricRow::value);
}

bool fits_one(const std::vector<std::string>& patterns, std::string_view value) {
  return std::ranges::any_of(patterns,
                             [&](const std::string& pattern) { return fits(pattern, value); });
}

}  // namespace

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end != 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

MetricTerm parse_term(std::string_view text) {
  MetricTerm term{.text = std::string(text), .source = {}, .name = {}};
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view word = text.substr(0, colon);
    const auto* const found =
        std::ranges::find(kSummaries, word, &std::pair<std::string_view, Summary>::first);
    if (found != kSummaries.end()) {
      term.summary = found->second;
      text.remove_prefix(colon + 1);
    }
  }
  const std::size_t length = source_length(text);
  if (length != 0) term.source = text.substr(0, length - 1);
  term.name = text.substr(length);
  return term;
}

std::vector<MetricTerm> parse_terms(std::string_view text) {
  std::vector<MetricTerm> terms;
  std::string list(text);
  std::ranges::replace(list, ';', ',');
  for (const std::string& part : split_list(list, ',')) {
    if (terms.size() == kMaxTerms) break;
    terms.push_back(parse_term(part));
  }
  return terms;
}

bool fits(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t in_text = 0;
  std::size_t star = std::string_view::npos;  // the last one, and what it has taken so far
  std::size_t taken = 0;
  while (in_text < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      taken = in_text;
    } else if (at < pattern.size() && pattern[at] == text[in_text]) {
      ++at;
      ++in_text;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in_text = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

std::string text_of(const MetricValue& value) {
  const auto* const number = std::get_if<double>(&value);
  return number != nullptr ? fmt::format("{}", *number) : std::get<std::string>(value);
}

MetricQuery::MetricQuery(const MetricStore& store, std::string_view agents, MetricFilter filter,
                         MoreMetrics more, const Topology* topology)
    : store_(&store), filter_(std::move(filter)), more_(std::move(more)), topology_(topology) {
  if (agents != kAll) agents_ = split_list(agents, ';');
  // Of nobody.
  if (agents != kAll && agents_.empty()) agents_.emplace_back();
}

bool MetricQuery::takes_agent(const net::IpAddress& agent) const {
  if (agents_.empty()) return true;
  const std::string address = agent.to_string();
  for (const std::string& name : agents_) {
    if (name == address) return true;
  }
  bool is_named = false;
  store_->for_each_of(agent, [&](const DataSource&, const MetricMap& metrics) {
    const auto found = metrics.find("host_name");
    if (found == metrics.end()) return;
    is_named =
        is_named || std::ranges::find(agents_, text_of(found->second.value)) != agents_.end();
  });
  return is_named;
}

std::vector<std::string> MetricQuery::values_of(const DataSource& source,
                                                std::string_view name) const {
  std::vector<std::string> values;
  if (const MetricMap* const own = store_->find(source)) {
    const auto found = own->find(name);
    if (found != own->end()) values.push_back(text_of(found->second.value));
  }
  if (!values.empty()) return values;
  store_->for_each_of(source.agent, [&](const DataSource&, const MetricMap& metrics) {
    const auto found = metrics.find(name);
    if (found != metrics.end()) values.push_back(text_of(found->second.value));
  });
  return values;
}

bool MetricQuery::passes(const DataSource& source) const {
  return std::ranges::all_of(filter_, [&](const auto& condition) {
    const std::vector<std::string> values = values_of(source, condition.first);
    return std::ranges::any_of(
        values, [&](const std::string& value) { return fits_one(condition.second, value); });
  });
}

// Those that are asked for by where they are. Without a topology all are at the edge.
bool MetricQuery::takes_place(const DataSource& source) const {
  static const Topology none;
  const Topology& topology = topology_ != nullptr ? *topology_ : none;
  return std::ranges::any_of(agents_, [&](const std::string& name) {
    using Place = Topology::Place;
    if (name == "EDGE") return topology.place_of(source) == Place::kEdge;
    if (name == "CORE") return topology.place_of(source) == Place::kCore;
    return name == "TOPOLOGY" && topology.has_agent(source.agent);
  });
}

bool MetricQuery::takes(const DataSource& source) const {
  return (takes_agent(source.agent) || takes_place(source)) && passes(source);
}

std::vector<MetricRow> MetricQuery::rows(const MetricTerm& term) const {
  std::vector<MetricRow> rows;
  const auto is_asked = [&](const DataSource& source) {
    return (term.source.empty() || term.source == data_source_name(source.id)) && takes(source);
  };
  store_->for_each([&](const DataSource& source, const MetricMap& metrics) {
    const bool all = term.name == kAll;
    const auto begin = all ? metrics.begin() : metrics.find(term.name);
    if (begin == metrics.end() || !is_asked(source)) return;
    for (auto at = begin; at != (all ? metrics.end() : std::next(begin)); ++at) {
      rows.push_back({source, at->first, at->second.value, at->second.updated, {}});
    }
  });
  if (!more_) return rows;
  more_(term.name, [&](MetricRow row) {
    if (is_asked(row.source)) rows.push_back(std::move(row));
  });
  std::ranges::stable_sort(rows, [](const MetricRow& left, const MetricRow& right) {
    return std::tie(left.source, left.name) < std::tie(right.source, right.name);
  });
  return rows;
}

MetricSummary summarize(Summary summary, const std::vector<MetricRow>& rows) {
  MetricSummary result{.count = rows.size(), .value = {}};
  if (rows.empty()) return result;
  const auto [oldest, latest] = std::ranges::minmax(rows, {}, &MetricRow::updated);
  result.oldest = oldest.updated;
  result.latest = latest.updated;
  if (is_of_one_row(summary)) {
    result.row = row_of(summary, rows);
    result.value = result.row->value;
    return result;
  }
  std::vector<double> numbers;
  for (const MetricRow& row : rows) {
    if (const auto* number = std::get_if<double>(&row.value)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  if (!numbers.empty()) result.value = number_of(summary, numbers);
  return result;
}

}  // namespace fabrix::telemetry
