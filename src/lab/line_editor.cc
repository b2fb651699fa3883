#include "lab/line_editor.h"

#include <cstdio>
#include <iostream>
#include <string_view>
#include <utility>

#include <histedit.h>
#include <unistd.h>

namespace fabrix::lab {
namespace {

constexpr int kRemembered = 500;

}  // namespace

struct LineEditor::Editor {
  EditLine* line;
  History* history;
  HistEvent event{};
  const char* prompt;

  explicit Editor(const std::string& text)
      : line(el_init("fabrix", stdin, stdout, stderr)),
        history(history_init()),
        prompt(text.c_str()) {
    ::history(history, &event, H_SETSIZE, kRemembered);
    el_set(line, EL_CLIENTDATA, this);
    el_set(line, EL_PROMPT, &Editor::prompt_of);
    el_set(line, EL_EDITOR, "emacs");
    el_set(line, EL_SIGNAL, 1);
    el_set(line, EL_HIST, ::history, history);
  }
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;
  Editor(Editor&&) = delete;
  Editor& operator=(Editor&&) = delete;
  ~Editor() {
    history_end(history);
    el_end(line);
  }

  static char* prompt_of(EditLine* line) {
    Editor* self = nullptr;
    el_get(line, EL_CLIENTDATA, &self);
    return const_cast<char*>(self->prompt);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }
};

LineEditor::LineEditor(std::string prompt) : prompt_(std::move(prompt)) {
  if (isatty(STDIN_FILENO) != 0) editor_ = std::make_unique<Editor>(prompt_);
}

LineEditor::~LineEditor() = default;

std::optional<std::string> LineEditor::read() {
  std::string text;
  if (editor_ == nullptr) {
    if (!std::getline(std::cin, text)) return std::nullopt;
    return text;
  }
  int length = 0;
  const char* const typed = el_gets(editor_->line, &length);
  if (typed == nullptr || length <= 0) return std::nullopt;
  text.assign(typed, static_cast<std::size_t>(length));
  ::history(editor_->history, &editor_->event, H_ENTER, text.c_str());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace fabrix::lab
