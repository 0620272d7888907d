"""The loop: propose, ask people, train, evaluate, and choose what is asked next."""
