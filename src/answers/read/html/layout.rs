//! Lays text out in lines: spaces between words, empty lines between blocks, marks in front.

/// How many quotes and lists inside one another are shown; deeper ones join the last.
const DEEPEST: usize = 8;

/// Text being written, and what the next word has to be preceded by.
#[derive(Default)]
pub(super) struct Layout {
    out: String,
    blocks: Vec<Block>,
    /// How many of the blocks the last word already stood in.
    n_shared: usize,
    /// Line ends owed before the next word: 0, 1 or 2.
    n_breaks: usize,
    owes_space: bool,
    /// Whether anything stands on the current line behind its marks.
    in_line: bool,
    fence: Fence,
    in_code: bool,
}

enum Block {
    Quote,
    List { next: Option<u64> },
    Item { mark: String, is_marked: bool },
}

#[derive(Default, PartialEq, Eq)]
enum Fence {
    #[default]
    None,
    /// Inside, nothing written: the line end right after the tag does not count.
    Opened,
    Writing,
}

impl Layout {
    pub(super) fn into_text(mut self) -> String {
        self.close_fence();
        self.close_code();
        self.out.truncate(self.out.trim_end().len());
        self.out
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.fence != Fence::None {
            return self.verbatim(text);
        }
        if self.in_code {
            return self.push(&text.replace('\n', " "));
        }
        let mut words = text.split_whitespace().peekable();
        self.owes_space |= text.starts_with(char::is_whitespace);
        while let Some(word) = words.next() {
            self.push(word);
            self.owes_space = words.peek().is_some();
        }
        self.owes_space |= text.ends_with(char::is_whitespace);
    }

    pub(super) fn start(&mut self, name: &str, first: u64) {
        match name {
            "br" if self.fence != Fence::None => self.verbatim("\n"),
            "br" | "tr" | "dt" | "dd" => self.break_line(1),
            "hr" => {
                self.break_line(2);
                self.push("---");
                self.break_line(2);
            }
            "p" | "div" | "table" | "dl" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.break_line(2);
            }
            "td" | "th" if self.in_line && self.n_breaks == 0 => {
                self.owes_space = true;
                self.push("|");
                self.owes_space = true;
            }
            "blockquote" => {
                self.break_line(2);
                self.open(Block::Quote);
            }
            "ul" | "ol" => {
                let is_nested = matches!(self.blocks.last(), Some(Block::Item { .. }));
                self.break_line(if is_nested { 1 } else { 2 });
                self.open(Block::List { next: (name == "ol").then_some(first) });
            }
            "li" => self.start_item(),
            "pre" => {
                self.break_line(2);
                self.push("```");
                self.fence = Fence::Opened;
            }
            "code" | "kbd" | "samp" | "tt" if self.fence == Fence::None && !self.in_code => {
                self.push("`");
                self.in_code = true;
            }
            _ => {}
        }
    }

    pub(super) fn end(&mut self, name: &str) {
        match name {
            "p" | "div" | "table" | "dl" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.break_line(2);
            }
            "tr" | "dt" | "dd" => self.break_line(1),
            "blockquote" => {
                self.close_last(|block| matches!(block, Block::Quote));
                self.break_line(2);
            }
            "ul" | "ol" => {
                self.close_last(|block| matches!(block, Block::List { .. }));
                let is_nested = matches!(self.blocks.last(), Some(Block::Item { .. }));
                self.break_line(if is_nested { 1 } else { 2 });
            }
            "li" => {
                self.close_item();
                self.n_breaks = 0;
                self.break_line(1);
            }
            "pre" => self.close_fence(),
            "code" | "kbd" | "samp" | "tt" => self.close_code(),
            _ => {}
        }
    }

    fn start_item(&mut self) {
        if self.close_item() {
            self.n_breaks = 0;
        }
        self.break_line(1);
        let mark = match self.blocks.last_mut() {
            Some(Block::List { next: Some(number) }) => {
                let mark = format!("{number}. ");
                *number = number.saturating_add(1);
                mark
            }
            _ => "- ".to_owned(),
        };
        self.open(Block::Item { mark, is_marked: false });
    }

    fn open(&mut self, block: Block) {
        if self.blocks.len() < DEEPEST {
            self.blocks.push(block);
        }
    }

    /// Closes the item that is open innermost, if one is.
    fn close_item(&mut self) -> bool {
        self.blocks.pop_if(|block| matches!(block, Block::Item { .. })).is_some()
    }

    /// Closes the innermost such block, with whatever was left open inside it.
    fn close_last(&mut self, is_it: impl Fn(&Block) -> bool) {
        if let Some(at) = self.blocks.iter().rposition(is_it) {
            self.blocks.truncate(at);
            self.n_shared = self.n_shared.min(at);
        }
    }

    fn close_code(&mut self) {
        if self.in_code {
            self.in_code = false;
            self.out.push('`');
        }
    }

    fn close_fence(&mut self) {
        if self.fence == Fence::None {
            return;
        }
        self.fence = Fence::None;
        self.out.truncate(self.out.trim_end().len());
        self.break_line(1);
        self.push("```");
        self.break_line(2);
    }

    fn break_line(&mut self, n_breaks: usize) {
        self.close_code();
        self.owes_space = false;
        if self.fence == Fence::None {
            self.n_breaks = self.n_breaks.max(n_breaks);
        }
    }

    fn verbatim(&mut self, text: &str) {
        let mut text = text;
        if self.fence == Fence::Opened {
            text = text.strip_prefix('\n').unwrap_or(text);
            self.n_breaks = 1;
            self.fence = Fence::Writing;
        }
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.write_breaks();
                self.n_breaks = 1;
            }
            if !line.is_empty() {
                self.write_breaks();
                self.out.push_str(line);
            }
        }
    }

    fn push(&mut self, word: &str) {
        self.write_breaks();
        if self.owes_space && self.in_line {
            self.out.push(' ');
        }
        self.owes_space = false;
        self.in_line = true;
        self.out.push_str(word);
    }

    fn write_breaks(&mut self) {
        let is_start = self.out.is_empty();
        if !is_start && self.n_breaks == 0 {
            return;
        }
        if !is_start {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            for _ in 1..self.n_breaks {
                self.out.push('\n');
                self.write_marks(Marks::Quotes);
            }
            self.out.push('\n');
        }
        self.n_breaks = 0;
        self.in_line = false;
        self.n_shared = self.blocks.len();
        self.write_marks(Marks::All);
    }

    fn write_marks(&mut self, marks: Marks) {
        // An empty line belongs to what it parts, so a quote that only begins does not mark it.
        let n_marked = match marks {
            Marks::All => self.blocks.len(),
            Marks::Quotes => self.n_shared.min(self.blocks.len()),
        };
        for block in &mut self.blocks[..n_marked] {
            match block {
                Block::Quote => self.out.push_str("> "),
                Block::Item { mark, is_marked } if marks == Marks::All => {
                    if *is_marked {
                        self.out.extend(std::iter::repeat_n(' ', mark.len()));
                    } else {
                        *is_marked = true;
                        self.out.push_str(mark);
                    }
                }
                Block::Item { .. } | Block::List { .. } => {}
            }
        }
        if marks == Marks::Quotes {
            self.out.truncate(self.out.trim_end_matches(' ').len());
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    All,
    /// What an empty line keeps.
    Quotes,
}
