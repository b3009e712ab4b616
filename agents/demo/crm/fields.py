"""The parameters that many tools share, with the descriptions an agent reads."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

CustomerId = Annotated[str, Field(description="Customer number, for example C-1042.")]
OrderId = Annotated[int, Field(description="Order number, for example 1310.")]
TicketId = Annotated[int, Field(description="Ticket number, for example 7015.")]
Sku = Annotated[str, Field(description="Article number (SKU), for example TNT-201.")]
Amount = Annotated[
    float, Field(gt=0, allow_inf_nan=False, description="Amount in EUR with at most two decimals, for example 49.90.")
]
Reason = Annotated[str, Field(min_length=1, description="Why, in one sentence. Kept in the record.")]
Limit = Annotated[int, Field(ge=1, le=100, description="How many to return at most.")]
Subject = Annotated[str, Field(min_length=1, max_length=200, description="Subject line.")]
Body = Annotated[str, Field(min_length=1, description="Plain text of the message, with salutation and signature.")]
Email = Annotated[
    str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", description="E-mail address, for example kari@fjordpost.example.")
]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Date as YYYY-MM-DD.")]

OrderStatus = Literal["placed", "paid", "shipped", "delivered", "cancelled", "returned"]
TicketStatus = Literal["open", "waiting", "solved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]


class Address(BaseModel):
    """A postal address."""

    street: Annotated[str, Field(min_length=1, description="Street and house number.")]
    postcode: Annotated[str, Field(min_length=1, description="Postal code as written in that country.")]
    city: Annotated[str, Field(min_length=1)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166 code, for example NO.")]

    def __str__(self) -> str:
        return f"{self.street}, {self.postcode} {self.city}, {self.country}"


class NewLine(BaseModel):
    """One article to order."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=50)] = 1
