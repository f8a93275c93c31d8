"""Knowledge, talent, and what spills over to production."""

import numpy as np

from headframe.engine import auxiliary, constant, flow, lever, parameter, smooth, stock, table

knowledge_at_start = constant(300.0, unit="million CNY")

forgetting_of_knowledge = parameter(0.12, low=0.05, high=0.3, unit="1/year")
research_share = parameter(0.01, low=0.0, high=0.04)
diffusion_time = parameter(4.0, low=1.5, high=10.0, unit="year")
talent_share = parameter(0.04, low=0.01, high=0.1)
talent_leaving = parameter(0.08, low=0.02, high=0.2, unit="1/year")
talent_arriving = parameter(0.03, low=0.0, high=0.1, unit="1/year")
talent_exponent = parameter(0.4, low=0.1, high=0.8)

research_programme = lever(0.0, low=0.0, high=0.03)
talent_programme = lever(0.0, low=0.0, high=1.0)

talent_by_amenity = table([-1.0, 0.2, 0.8, 1.0, 1.3], [0.1, 0.5, 0.9, 1.0, 1.4])


@stock(
    unit="million CNY", initial="knowledge_at_start", bounds=(0, None), exits={"outdated": "forgetting_of_knowledge"}
)
def knowledge(research):
    return research


@flow(unit="million CNY/year", bounds=(0, None))
def research(gross_product, research_share, research_programme, austerity):
    return gross_product * (research_share + research_programme * austerity)


@stock(
    unit="person",
    initial=lambda people_at_start, talent_share: people_at_start * talent_share,
    bounds=(0, None),
    exits={"talent_left": "talent_hazard"},
)
def talent(talent_came):
    return talent_came


@auxiliary(unit="1/year")
def talent_hazard(talent_leaving, amenity_index, talent_by_amenity):
    return talent_leaving / talent_by_amenity(amenity_index)


@flow(unit="person/year", bounds=(0, None))
def talent_came(population, talent_arriving, talent_share, talent_programme, amenity_index, talent_by_amenity):
    pull = talent_by_amenity(amenity_index) * (1.0 + talent_programme)
    return population * talent_arriving * talent_share * 3.0 * pull


@auxiliary(bounds=(0, None))
def absorbed(knowledge, knowledge_at_start, talent, population, talent_share, talent_exponent):
    able = (talent / population / talent_share) ** talent_exponent
    return able * np.log(1.0 + knowledge / knowledge_at_start)


spillover = smooth("absorbed", time="diffusion_time", order=3, initial=0.5)
