#include "telemetry/flow_meter.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "telemetry/text_hash.h"

namespace fabrix::telemetry {
namespace {

// What sources have of one flow.
struct Joined {
  std::string_view key;
  double value = 0;
  double error = 0;
  std::size_t sources = 0;
  const DataSource* source = nullptr;
  std::vector<std::span<const FlowTally>> further{};  // values, of each source

  double least() const { return value - error; }

  void add_up(const ActiveFlow& flow, std::span<const FlowTally> tallies) {
    value += flow.value;
    error += flow.error;
    if (!tallies.empty()) further.push_back(tallies);
  }

  void keep_larger(const ActiveFlow& flow, const DataSource& from,
                   std::span<const FlowTally> tallies) {
    if (source != nullptr && flow.value - flow.error <= least()) return;
    value = flow.value;
    error = flow.error;
    source = &from;
    further.clear();
    if (!tallies.empty()) further.push_back(tallies);
  }

  std::vector<double> values(Time now) const {
    std::vector<double> values;
    if (further.empty()) return values;
    std::vector<const FlowTally*> together(further.size());
    for (std::size_t at = 0; at < further.front().size(); ++at) {
      std::ranges::transform(further, together.begin(),
                             [&](std::span<const FlowTally> tallies) { return &tallies[at]; });
      values.push_back(FlowTally::read_together(together, now));
    }
    return values;
  }
};

// Of many keys, each where it was first.
class Joins {
 public:
  explicit Joins(const KeyForm& form) : form_(&form) {}

  Joined& of(std::string_view key) {
    const std::uint64_t hash = hash_of(key);
    const auto found = index_.find(hash, [&](std::size_t place) { return all_[place].key == key; });
    if (found) return all_[*found];
    all_.push_back({.key = key});
    index_.insert(hash, [this](std::size_t place) { return hash_of(all_[place].key); });
    return all_.back();
  }

  // The largest that are no less than the minimum, by what they have at least, then by key.
  std::vector<ReportedFlow> largest(std::size_t count, double minimum, Time now) {
    std::erase_if(all_, [&](const Joined& flow) { return flow.least() < minimum; });
    const auto end = all_.begin() + static_cast<std::ptrdiff_t>(std::min(count, all_.size()));
    std::ranges::partial_sort(all_, end, [this](const Joined& left, const Joined& right) {
      const double more = left.least() - right.least();
      return more != 0 ? more > 0 : form_->less(left.key, right.key);
    });
    std::vector<ReportedFlow> flows;
    for (const Joined& flow : std::span(all_.begin(), end)) {
      flows.push_back(
          {.key = form_->text_of(flow.key),
           .value = flow.value,
           .error = flow.error,
           .sources = flow.sources,
           .source = flow.source != nullptr ? std::optional(*flow.source) : std::nullopt,
           .values = flow.values(now)});
    }
    return flows;
  }

 private:
  const KeyForm* form_;
  std::vector<Joined> all_;
  PlaceIndex index_;  // of all_
};

Error in(std::string_view part, const Error& error) {
  return {fmt::format("{}: {}", part, error.message)};
}

}  // namespace

FlowMeter::FlowMeter(FlowDefinition definition, FlowFilter filter, ValueExpression value,
                     KeyForm keys)
    : definition_(std::move(definition)),
      filter_(std::move(filter)),
      keys_(std::move(keys)),
      value_(std::move(value)),
      is_apart_(definition_.sources == FlowDefinition::Sources::kInterfaces),
      shards_(1),
      clock_(definition_.cache.smoothing) {}

Result<FlowMeter> FlowMeter::create(const FlowDefinition& definition, const Lookups* lookups) {
  auto filter = FlowFilter::parse(definition.filter, lookups);
  if (!filter) return fail(in("filter", filter.error()));
  auto value = ValueExpression::parse(definition.value, lookups);
  if (!value) return fail(in("value", value.error()));
  auto keys = parse_keys(definition.keys, lookups);
  if (!keys) return fail(in("keys", keys.error()));
  auto values = parse_values(definition.values, lookups);
  if (!values) return fail(in("values", values.error()));
  const auto looks_up = [](const auto& expression) { return expression.looks_up(); };
  const bool is_alone = filter->is_alone() || value->looks_up() ||
                        std::ranges::any_of(*keys, looks_up) ||
                        std::ranges::any_of(*values, looks_up);
  FlowMeter meter(definition, *std::move(filter), *std::move(value),
                  KeyForm(*std::move(keys), definition.separator));
  meter.values_ = *std::move(values);
  meter.is_alone_ = is_alone;
  return meter;
}

void FlowMeter::spread(std::size_t shards) {
  FABRIX_ASSERT(shards > 0);
  shards_ = std::vector<Shard>(shards);
}

std::size_t FlowMeter::shard_of(const net::IpAddress& agent) const {
  return shards_.size() == 1 ? 0 : hash_of({.agent = agent, .id = {}}) % shards_.size();
}

void FlowMeter::add(sflow::Bytes datagram, Time now) {
  const auto opened = sflow::Datagram::open(datagram);
  if (!opened) return;
  const net::IpAddress& agent = opened->header().agent;
  const bool drops = definition_.of == FlowDefinition::Of::kDrops;
  sflow::ItemCursor items = opened->samples();
  while (const auto item = items.next()) {
    if (drops && item->tag == sflow::kDropSample) {
      const auto drop = sflow::read_drop_sample(*item);
      if (!drop) continue;
      const sflow::SampledPacket packet(drop->records());
      add(sample_of(agent, *drop, packet), now);
    } else if (!drops && sflow::is_flow_sample(item->tag)) {
      auto flow = sflow::read_flow_sample(*item);
      if (!flow) continue;
      flow->source = counted_source(*flow);
      const sflow::SampledPacket packet(flow->records());
      add(sample_of(agent, *flow, packet), now);
    }
  }
}

void FlowMeter::add(const Sample& sample, Time now) {
  const Sample* const one = &sample;
  const Some some{.shard = shard_of(sample.agent), .first = 0, .samples = {&one, 1}, .numbers = {}};
  advance(now);
  prepare(some);
  count(some.shard, 0);
}

std::span<FlowMeter::Pending> FlowMeter::pending_of(const Some& some) {
  return std::span(shards_[some.shard].pending).subspan(some.first, some.samples.size());
}

std::span<const FlowMeter::Pending> FlowMeter::pending_of(const Some& some) const {
  return std::span(shards_[some.shard].pending).subspan(some.first, some.samples.size());
}

void FlowMeter::prepare(const Some& some) {
  Shard& shard = shards_[some.shard];
  const std::size_t end = some.first + some.samples.size();
  if (shard.pending.size() < end) shard.pending.resize(end);
  const auto pending = pending_of(some);
  const bool has_numbers = is_apart_ && !some.numbers.empty();
  for (std::size_t at = 0; at < pending.size(); ++at) {
    pending[at].source = kNone;
    const Sample& sample = *some.samples[at];
    if (!prepare(sample, shard, pending[at])) continue;
    const std::uint32_t number = has_numbers ? some.numbers[at] : SourceNumbers::kNone;
    pending[at].source = number != SourceNumbers::kNone ? source_of(shard, sample, number)
                                                        : source_of(shard, sample);
    if (pending[at].source != kNone) {
      __builtin_prefetch(&shard.sources[pending[at].source], 1);
    } else {
      ++shard.left_out;
    }
  }
}

// Whether the sample makes a flow.
bool FlowMeter::prepare(const Sample& sample, Shard& shard, Pending& pending) const {
  if (sample.sampling_rate == 0) {
    ++shard.left_out;
    return false;
  }
  if (!filter_.matches(sample)) return false;
  if (!keys_.put(sample, pending.text)) return false;
  const bool is_sum = value_.kind() == ValueExpression::Kind::kSum;
  const auto amount = is_sum ? value_.number(sample) : weight_of(sample, shard.text);
  if (!amount) return false;
  pending.sample = &sample;
  pending.hash = HashedKey::of(pending.text).hash;
  pending.amount = *amount;
  pending.place.reset();
  return true;
}

void FlowMeter::fetch_index(const Some& some) const {
  const auto& sources = shards_[some.shard].sources;
  for (const Pending& pending : pending_of(some)) {
    if (pending.source != kNone) sources[pending.source].cache.fetch_index(pending.key());
  }
}

void FlowMeter::fetch_flows(const Some& some) {
  const auto& sources = shards_[some.shard].sources;
  for (Pending& pending : pending_of(some)) {
    if (pending.source == kNone) continue;
    pending.place = sources[pending.source].cache.fetch_flow(pending.key());
  }
}

void FlowMeter::fetch_smallest(const Some& some) {
  auto& sources = shards_[some.shard].sources;
  for (const Pending& pending : pending_of(some)) {
    if (pending.source == kNone || pending.place->is_somewhere()) continue;
    sources[pending.source].cache.fetch_smallest();
  }
}

void FlowMeter::count(std::size_t shard, std::size_t place) {
  Shard& there = shards_[shard];
  const Pending& pending = there.pending[place];
  if (pending.source == kNone) return;
  const Time now = clock_.now();
  Source& source = there.sources[pending.source];
  source.last = now;
  const AddedFlow added = source.cache.add(pending.key(), pending.amount, clock_, pending.place);
  if (!added.place) return;
  const Tallies* const tallies =
      has_tallies() ? &tally(there.tallies[pending.source], added, *pending.sample, now) : nullptr;
  if (!observer_ || told_above_ == kTellNone) return;
  const bool is_tallied = tallies != nullptr && tallies->value;
  const double value = is_tallied ? tallies->value->read(now) : added.value;
  if (value <= told_above_) return;
  observer_({.source = there.ids[pending.source],
             .key = keys_.text_of(pending.key().text, there.text),
             .value = value,
             .time = now,
             .amount = pending.amount,
             .values = tallies != nullptr ? &tallies->values : nullptr,
             .sample = pending.sample});
}

// Of what is no sum the frames weigh among the flows.
std::optional<double> FlowMeter::weight_of(const Sample& sample, std::string& text) const {
  text.clear();
  const bool is_there = value_.kind() == ValueExpression::Kind::kCount
                            ? value_.append(sample, text)
                            : value_.number(sample).has_value();
  return is_there ? std::optional<double>(sample.sampling_rate) : std::nullopt;
}

FlowMeter::Tallies FlowMeter::new_tallies() const {
  Tallies tallies;
  const Smoothing smoothing = definition_.cache.smoothing;
  if (value_.kind() != ValueExpression::Kind::kSum) {
    tallies.value.emplace(value_.kind(), smoothing);
  }
  for (const ValueExpression& value : values_) tallies.values.emplace_back(value.kind(), smoothing);
  return tallies;
}

FlowMeter::Tallies& FlowMeter::tally(std::vector<Tallies>& all, const AddedFlow& added,
                                     const Sample& sample, Time now) const {
  if (all.size() <= *added.place) all.resize(*added.place + 1);
  Tallies& tallies = all[*added.place];
  if (added.is_new) tallies = new_tallies();
  if (tallies.value) tallies.value->add(value_, sample, now);
  for (std::size_t i = 0; i < values_.size(); ++i) tallies.values[i].add(values_[i], sample, now);
  return tallies;
}

FlowMeter::Smoothing FlowMeter::decays() const {
  const bool is_sum = value_.kind() == ValueExpression::Kind::kSum;
  return is_sum ? definition_.cache.smoothing : std::nullopt;
}

void FlowMeter::forget_silent(Time now) {
  for (Shard& shard : shards_) {
    // They have others soon (source_numbers.h).
    shard.by_number.clear();
    const auto is_silent = [&](std::size_t place) {
      return shard.sources[place].last + kForgetAfter <= now;
    };
    std::size_t kept = 0;
    while (kept < shard.sources.size() && !is_silent(kept)) ++kept;
    if (kept == shard.sources.size()) continue;
    for (std::size_t place = kept + 1; place < shard.sources.size(); ++place) {
      if (is_silent(place)) continue;
      shard.sources[kept] = std::move(shard.sources[place]);
      shard.ids[kept] = shard.ids[place];
      if (has_tallies()) shard.tallies[kept] = std::move(shard.tallies[place]);
      ++kept;
    }
    const auto end = static_cast<std::ptrdiff_t>(kept);
    shard.sources.erase(shard.sources.begin() + end, shard.sources.end());
    shard.ids.erase(shard.ids.begin() + end, shard.ids.end());
    if (has_tallies()) shard.tallies.resize(kept);
    shard.index = {};
    for (std::size_t place = 0; place < kept; ++place) index(shard, place);
  }
}

void FlowMeter::observe(std::function<void(const FlowUpdate&)> observer) {
  observer_ = std::move(observer);
}

// By the number of the sample's data source.
std::uint32_t FlowMeter::source_of(Shard& shard, const Sample& sample, std::uint32_t number) const {
  if (number >= shard.by_number.size()) shard.by_number.resize(std::size_t{number} + 1, kNone);
  std::uint32_t& source = shard.by_number[number];
  if (source == kNone) source = source_of(shard, sample);
  return source;
}

// kNone if there are too many.
std::uint32_t FlowMeter::source_of(Shard& shard, const Sample& sample) const {
  const DataSource id{.agent = sample.agent, .id = is_apart_ ? sample.source : sflow::SourceId{}};
  const auto found =
      shard.index.find(hash_of(id), [&](std::size_t place) { return shard.ids[place] == id; });
  if (found) return static_cast<std::uint32_t>(*found);
  const std::size_t place = shard.sources.size();
  if (place == kMaxSources) return kNone;
  shard.sources.push_back({.cache = FlowCache(definition_.cache, *shard.memory), .last = {}});
  shard.ids.push_back(id);
  if (has_tallies()) shard.tallies.emplace_back();
  index(shard, place);
  return static_cast<std::uint32_t>(place);
}

void FlowMeter::index(Shard& shard, std::size_t place) {
  const auto hash_at = [&](std::size_t at) { return hash_of(shard.ids[at]); };
  shard.index.insert(hash_at(place), hash_at);
}

void FlowMeter::for_each(const std::function<void(const Kept&)>& visit) const {
  std::vector<Kept> all;
  for (const Shard& shard : shards_) {
    for (std::size_t place = 0; place < shard.sources.size(); ++place) {
      all.push_back({.id = &shard.ids[place],
                     .source = &shard.sources[place],
                     .tallies = has_tallies() ? &shard.tallies[place] : nullptr});
    }
  }
  std::ranges::sort(all, {}, [](const Kept& each) { return *each.id; });
  for (const Kept& each : all) visit(each);
}

// Of what is no sum the values are the tallies', and the order is theirs.
std::vector<ActiveFlow> FlowMeter::flows_of(const Kept& kept, const FlowQuery& query,
                                            Time now) const {
  const FlowCache& cache = kept.source->cache;
  const std::size_t count = query.top_of_source.value_or(cache.size());
  const auto less = [this](std::string_view left, std::string_view right) {
    return keys_.less(left, right);
  };
  if (value_.kind() == ValueExpression::Kind::kSum) return cache.top(count, now, less);
  auto flows = cache.top(cache.size(), now, less);
  for (ActiveFlow& flow : flows) {
    flow.value = (*kept.tallies)[flow.place].value->read(now);
    flow.error = 0;
  }
  std::ranges::stable_sort(flows, std::ranges::greater(), &ActiveFlow::value);
  if (flows.size() > count) flows.resize(count);
  return flows;
}

// The further values of the flow at this place.
std::span<const FlowTally> FlowMeter::further_of(const Kept& kept, std::size_t place) {
  return kept.tallies == nullptr ? std::span<const FlowTally>() : (*kept.tallies)[place].values;
}

std::vector<ReportedFlow> FlowMeter::active_flows(const FlowQuery& query, Time now) const {
  Joins joins(keys_);
  for_each([&](const Kept& kept) {
    const DataSource& id = *kept.id;
    if (query.source && *query.source != id) return;
    if (query.takes && !query.takes(id)) return;
    const bool any = query.agents.empty();
    if (!any && std::ranges::find(query.agents, id.agent) == query.agents.end()) return;
    for (const ActiveFlow& flow : flows_of(kept, query, now)) {
      Joined& joined = joins.of(flow.key);
      ++joined.sources;
      const auto further = further_of(kept, flow.place);
      if (query.aggregation == Aggregation::kSum) joined.add_up(flow, further);
      if (query.aggregation == Aggregation::kMaximum) joined.keep_larger(flow, id, further);
    }
  });
  return joins.largest(query.count, query.minimum, now);
}

void FlowMeter::for_each_source(
    std::size_t count, Time now,
    const std::function<void(const DataSource&, std::vector<ActiveFlow>, Time)>& visit) const {
  for_each([&](const Kept& kept) {
    visit(*kept.id, flows_of(kept, {.top_of_source = count}, now), kept.source->last);
  });
}

std::map<DataSource, LocatedFlow> FlowMeter::values_of(std::string_view text, Time now) const {
  const std::string key = keys_.key_of(text);
  std::map<DataSource, LocatedFlow> flows;
  for_each([&](const Kept& kept) {
    const auto place = kept.source->cache.place_of(key);
    if (!place) return;
    const bool is_sum = value_.kind() == ValueExpression::Kind::kSum;
    LocatedFlow& flow = flows[*kept.id];
    flow.value =
        is_sum ? kept.source->cache.value_of(key, now) : (*kept.tallies)[*place].value->read(now);
    for (const FlowTally& tally : further_of(kept, *place)) flow.values.push_back(tally.read(now));
  });
  return flows;
}

std::uint64_t FlowMeter::left_out() const {
  std::uint64_t total = 0;
  for (const Shard& shard : shards_) {
    total += shard.left_out;
    for (const Source& source : shard.sources) total += source.cache.ignored();
  }
  return total;
}

}  // namespace fabrix::telemetry
