//! The channel of the brand's own people, and the threads under our cards there.

use super::{Spot, View};
use crate::Place;
use crate::discord::wire::{Member, Message};

impl View<'_> {
    /// Whether this is the channel of the brand's own people.
    pub(super) fn is_staff_room(&self, channel: &str) -> bool {
        self.staff.is_some_and(|staff| staff.channel == channel)
    }

    /// The place as it is for somebody of the brand; `None` anywhere else.
    pub(super) fn staff_place(&self, channel: &str, member: Option<&Member>) -> Option<Place> {
        let staff = self.staff.filter(|staff| staff.channel == channel)?;
        // What is read after a reconnect does not say which roles its author has.
        let may_act = match (&staff.role, member.and_then(|member| member.roles.as_ref())) {
            (None, _) => Some(true),
            (Some(role), Some(roles)) => Some(roles.contains(role)),
            (Some(_), None) => None,
        };
        Some(Place::Staff { id: channel.to_owned(), may_act })
    }
}

impl Spot {
    /// A thread under one of our cards.
    pub(super) fn staff(thread: &str, message: &Message, view: &View<'_>) -> Self {
        let room = view.staff.map(|staff| staff.channel.as_str()).unwrap_or_default();
        let place = view.staff_place(room, message.member.as_ref());
        let spot = Self::group(thread, room, false);
        Self { place: place.unwrap_or(spot.place), ..spot }
    }
}

/// What a card is called: its first line without markup, for the thread under it.
pub(super) fn title(card: &str) -> String {
    let line = card.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let plain: String = line.chars().filter(|c| !"*_`\\".contains(*c)).collect();
    plain.trim().chars().take(80).collect()
}
