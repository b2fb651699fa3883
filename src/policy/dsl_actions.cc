#include "policy/dsl_actions.h"

#include <string>
#include <utility>

namespace fabrix::policy::dsl {
namespace {

std::string listed(std::initializer_list<Target> targets) {
  std::string list;
  for (const Target& each : targets) list += (list.empty() ? "" : ", ") + each.text();
  return list;
}

Action query(std::string_view word_of_it, std::string_view first, std::initializer_list<Field> by,
             std::string_view name) {
  std::string arguments = first.empty() ? "" : word(first);
  for (const Field& each : by) arguments += ", " + std::string(each.name());
  std::string text = Expression::call(word_of_it, {arguments}).text();
  if (!name.empty()) text += " as " + word(name);
  return Action(Expression(std::move(text)));
}

}  // namespace

Action police(std::string_view rate) {
  return Action(Expression::call("police", {word(rate)}));
}

Action mark(const Assignment& write) {
  return Action(Expression::call("mark", {write.text}));
}

Action mirror(const Target& port) {
  return Action(Expression::call("mirror", {port.text()}));
}

Action via(const Target& middlebox) {
  return Action(Expression::call("via", {middlebox.text()}));
}

Action via(std::initializer_list<Target> middleboxes) {
  return Action(Expression::call("via", {listed(middleboxes)}));
}

Action multicast(std::initializer_list<Target> targets) {
  return Action(Expression::call("multicast", {listed(targets)}));
}

Action balance(std::initializer_list<Target> targets) {
  return Action(Expression::call("balance", {listed(targets)}));
}

Action balance(std::initializer_list<Target> targets, const Field& key) {
  return Action(Expression::call("balance", {listed(targets), "key=" + std::string(key.name())}));
}

Action count_packets(std::string_view interval, std::initializer_list<Field> by,
                     std::string_view name) {
  return query("count_packets", interval, by, name);
}

Action packets(std::uint64_t limit, std::initializer_list<Field> by, std::string_view name) {
  return query("packets", limit == 0 ? std::string() : std::to_string(limit), by, name);
}

Action count_bytes(std::string_view interval, std::initializer_list<Field> by,
                   std::string_view name) {
  return query("count_bytes", interval, by, name);
}

}  // namespace fabrix::policy::dsl
