"""The shapes of the structured results that callers rely on; they become the tools' output schemas."""

from typing_extensions import TypedDict


class CustomerSummary(TypedDict):
    customer_id: str
    name: str
    email: str
    phone: str
    city: str
    country: str
    customer_since: str


class CustomerList(TypedDict):
    customers: list[CustomerSummary]
    total: int


class PostalAddress(TypedDict):
    street: str
    postcode: str
    city: str
    country: str


class Customer(CustomerSummary):
    address: PostalAddress
    language: str
    notes: int
    open_orders: int
    open_tickets: int
    tags: list[str]
    marketing_consent: bool
    blocked: bool
    credit: float


class OrderSummary(TypedDict):
    order_id: int
    placed_on: str
    status: str
    total: float
    refunded: float
    currency: str
    summary: str


class OrderList(TypedDict):
    orders: list[OrderSummary]
    total: int


class OrderLine(TypedDict):
    sku: str
    name: str
    quantity: int
    price: float


class Order(TypedDict):
    order_id: int
    customer_id: str | None
    customer_name: str
    status: str
    placed_on: str
    delivered_on: str | None
    currency: str
    total: float
    refunded: float
    lines: list[OrderLine]


class TicketMessage(TypedDict):
    at: str
    author: str
    text: str


class Ticket(TypedDict):
    ticket_id: int
    customer_id: str
    order_id: int | None
    subject: str
    status: str
    opened_on: str
    messages: list[TicketMessage]


class TicketSummary(TypedDict):
    ticket_id: int
    customer_id: str
    order_id: int | None
    subject: str
    status: str
    priority: str
    assignee: str | None
    opened_on: str


class TicketList(TypedDict):
    tickets: list[TicketSummary]
    total: int


class Refund(TypedDict):
    refund_id: int
    order_id: int
    amount: float
    refunded_total: float
    remaining: float


class SentToCustomer(TypedDict):
    message_id: str
    customer_id: str
    sent_to: str


class SentToAddress(TypedDict):
    message_id: str
    sent_to: str


class DeletedRecords(TypedDict):
    orders_anonymised: int
    tickets_deleted: int
    messages_deleted: int


class DeletedCustomer(TypedDict):
    customer_id: str
    name: str
    deleted: DeletedRecords


class ProductSummary(TypedDict):
    sku: str
    name: str
    category: str
    price: float
    stock: int
    active: bool


class ProductList(TypedDict):
    products: list[ProductSummary]
    total: int
