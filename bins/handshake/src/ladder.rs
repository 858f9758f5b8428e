//! A connection drawn: the segments between its ends, and the states beside them, as text and in other forms.
